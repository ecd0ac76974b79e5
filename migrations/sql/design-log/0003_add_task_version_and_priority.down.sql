alter table tasks drop column priority;

alter table tasks drop column version;
