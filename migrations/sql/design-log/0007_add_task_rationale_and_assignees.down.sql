alter table tasks drop column assignees;

alter table tasks drop column rationale_log;
