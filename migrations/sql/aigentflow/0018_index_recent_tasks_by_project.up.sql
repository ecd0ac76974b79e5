-- landfall: no-transaction
-- A project's tasks, the newest first. Built while the table is in use.
create index concurrently tasks_recent_by_project_idx on tasks (project_id, created_at desc, id);
