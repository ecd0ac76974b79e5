create table projects (
  id uuid primary key default gen_random_uuid(),
  owner_id text not null references users (id) on delete cascade,
  name text not null,
  description text,
  status text not null default 'active' check (status in ('active', 'archived')),
  settings jsonb not null default '{}',
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on column projects.owner_id is 'the only person who may read or write the project and what is in it';
