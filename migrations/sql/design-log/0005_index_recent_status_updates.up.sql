-- The board shows the newest updates, of everything and of one task.
create index status_updates_created_at on status_updates (created_at, id);

create index status_updates_task_id_created_at on status_updates (task_id, created_at, id);
