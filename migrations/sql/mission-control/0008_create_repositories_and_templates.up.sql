create table repositories (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  url text not null,
  default_branch text not null default 'main',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint repositories_project_id_url_key unique (project_id, url)
);

create table templates (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  name text not null,
  content jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint templates_organization_id_name_key unique (organization_id, name)
);
