alter table workstations drop column deleted_at;

alter table documents drop column deleted_at;

alter table missions drop column deleted_at;

alter table projects drop column deleted_at;
