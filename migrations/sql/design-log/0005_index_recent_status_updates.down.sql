drop index status_updates_task_id_created_at;

drop index status_updates_created_at;
