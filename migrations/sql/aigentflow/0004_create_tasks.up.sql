create type task_state as enum ('pending', 'running', 'awaiting_approval', 'completed', 'failed', 'cancelled');

create type agent_type as enum (
  'orchestrator', 'project_manager', 'architect', 'analyst', 'ui_designer', 'frontend_dev', 'backend_dev', 'tester',
  'bug_fixer', 'reviewer', 'git_agent'
);

create table tasks (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  project_id uuid references projects (id),
  user_id uuid references users (id),
  prompt text not null,
  state task_state not null default 'pending',
  current_agent agent_type,
  config jsonb not null default '{}',
  result jsonb,
  error text,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz
);

-- What waits, runs or failed, the newest first.
create index tasks_state_idx on tasks (tenant_id, state, created_at desc);

create index tasks_user_idx on tasks (user_id);
