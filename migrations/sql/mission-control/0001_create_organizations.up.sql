create table organizations (
  id uuid primary key default gen_random_uuid(),
  slug text not null,
  name text not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organizations_slug_key unique (slug)
);
