create table self_reviews (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references tasks (id),
  execution_id uuid references task_executions (id),
  agent_type agent_type not null,
  iteration integer not null check (iteration > 0),
  quality_score real not null,
  completeness_score real not null,
  correctness_score real not null,
  overall_score real not null,
  gaps jsonb not null default '[]',
  requirements jsonb not null default '[]',
  decision varchar(20) not null,
  reasoning text,
  duration_ms integer,
  created_at timestamptz not null default now()
);

create index self_reviews_task_idx on self_reviews (task_id, created_at);

create index self_reviews_execution_idx on self_reviews (execution_id);

create table patterns (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  type varchar(50) not null,
  agent_type agent_type,
  pattern jsonb not null,
  frequency integer not null default 1 check (frequency > 0),
  last_seen timestamptz not null default now(),
  created_at timestamptz not null default now()
);

create index patterns_tenant_idx on patterns (tenant_id);
