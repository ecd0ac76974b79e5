drop table tasks;

drop type agent_type;

drop type task_state;
