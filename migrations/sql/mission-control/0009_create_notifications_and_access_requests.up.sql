create table notifications (
  id uuid primary key default gen_random_uuid(),
  user_id text not null,
  mission_id uuid references missions (id),
  kind text not null,
  payload jsonb not null default '{}',
  read_at timestamptz,
  created_at timestamptz not null default now()
);

create index notifications_mission_id on notifications (mission_id);

create table access_requests (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  user_id text not null,
  reason text,
  status text not null default 'pending' check (status in ('pending', 'granted', 'denied')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint access_requests_project_id_user_id_key unique (project_id, user_id)
);
