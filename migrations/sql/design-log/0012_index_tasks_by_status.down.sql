drop index tasks_status_created_at;
