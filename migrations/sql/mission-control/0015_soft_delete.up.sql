-- What has a history is marked as gone, and stays for those who refer to it.
alter table projects add column deleted_at timestamptz;

alter table missions add column deleted_at timestamptz;

alter table documents add column deleted_at timestamptz;

alter table workstations add column deleted_at timestamptz;
