-- What the agent of a project remembers between two runs.
create table agent_states (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id) on delete cascade,
  state jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index agent_states_project_id on agent_states (project_id);
