create table approvals (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references tasks (id),
  user_id uuid references users (id),
  decision varchar(20) not null check (decision in ('approved', 'rejected')),
  reason text,
  artifact_ids jsonb not null default '[]',
  created_at timestamptz not null default now()
);

create index approvals_task_idx on approvals (task_id, created_at);

create index approvals_user_idx on approvals (user_id);
