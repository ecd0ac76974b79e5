create table workstations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  name text not null,
  status text not null default 'offline' check (status in ('offline', 'online', 'draining')),
  capabilities jsonb not null default '{}',
  last_seen_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workstations_organization_id_name_key unique (organization_id, name)
);

create table agents (
  id uuid primary key default gen_random_uuid(),
  workstation_id uuid not null references workstations (id),
  mission_id uuid references missions (id),
  name text not null,
  status text not null default 'idle' check (status in ('idle', 'busy', 'failed')),
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index agents_workstation_id on agents (workstation_id);

create index agents_mission_id on agents (mission_id);
