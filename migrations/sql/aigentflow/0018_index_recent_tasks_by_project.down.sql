-- landfall: no-transaction
drop index concurrently tasks_recent_by_project_idx;
