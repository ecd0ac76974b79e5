drop index bugs_task_id;

drop table bugs;
