alter table missions alter column priority drop not null;
