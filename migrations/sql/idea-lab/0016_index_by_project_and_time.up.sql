create index context_items_project_id_created_at on context_items (project_id, created_at desc, id desc);

create index workflow_graphs_project_id_created_at on workflow_graphs (project_id, created_at desc, id desc);

create index workflow_runs_project_id_started_at on workflow_runs (project_id, started_at desc, id desc);

create index workflow_runs_project_id_status on workflow_runs (project_id, status, started_at desc, id desc);
