-- The board groups tasks by status, newest first.
create index tasks_status_created_at on tasks (status, created_at, id);
