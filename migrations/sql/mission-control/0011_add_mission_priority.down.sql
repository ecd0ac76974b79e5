alter table missions drop column priority;
