-- What the agents of a task did, and what they made.
create table task_executions (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references tasks (id),
  agent_type agent_type not null,
  input jsonb not null,
  output jsonb,
  status varchar(50) not null default 'running' check (status in ('running', 'completed', 'failed')),
  duration_ms integer,
  tokens_used integer,
  error text,
  created_at timestamptz not null default now(),
  completed_at timestamptz
);

create index task_executions_task_idx on task_executions (task_id, created_at);

create table artifacts (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references tasks (id),
  execution_id uuid references task_executions (id),
  type varchar(50) not null,
  path varchar(1000) not null,
  content text,
  metadata jsonb not null default '{}',
  approved boolean,
  created_at timestamptz not null default now()
);

create index artifacts_task_idx on artifacts (task_id, created_at);

create index artifacts_execution_idx on artifacts (execution_id);
