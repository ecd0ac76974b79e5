create table workflow_runs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  workflow_id uuid not null references workflow_graphs (id),
  status text not null default 'queued' check (status in ('queued', 'running', 'succeeded', 'failed')),
  input jsonb,
  output jsonb,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  last_message text
);

create index workflow_runs_workflow_id on workflow_runs (workflow_id);
