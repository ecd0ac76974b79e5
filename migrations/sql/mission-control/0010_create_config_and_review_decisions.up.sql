create table config_entries (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  key text not null,
  value jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint config_entries_organization_id_key_key unique (organization_id, key)
);

create table review_decisions (
  id uuid primary key default gen_random_uuid(),
  mission_id uuid not null references missions (id),
  reviewer_id text not null,
  decision text not null default 'pending' check (decision in ('pending', 'approved', 'changes_requested')),
  comment text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index review_decisions_mission_id on review_decisions (mission_id, created_at);
