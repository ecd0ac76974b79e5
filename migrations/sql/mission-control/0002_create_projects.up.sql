create table projects (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  slug text not null,
  name text not null,
  lead_id text,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint projects_organization_id_slug_key unique (organization_id, slug)
);

comment on column projects.lead_id is 'a person, by the id that the identity provider gives';
