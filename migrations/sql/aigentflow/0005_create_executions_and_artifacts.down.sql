drop table artifacts;

drop table task_executions;
