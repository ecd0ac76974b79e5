-- How far a run has come, node by node of its graph.
create table workflow_node_states (
  run_id uuid not null references workflow_runs (id) on delete cascade,
  node_id text not null,
  status text not null default 'pending' check (status in ('pending', 'running', 'done', 'failed')),
  progress double precision not null default 0 check (progress between 0 and 1),
  messages jsonb not null default '[]',
  started_at timestamptz,
  completed_at timestamptz,
  error text,
  primary key (run_id, node_id)
);
