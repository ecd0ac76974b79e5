create table missions (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  slug text not null,
  title text not null,
  summary text,
  stage text not null default 'draft'
    constraint missions_stage_check check (stage in ('draft', 'planning', 'in_progress', 'review', 'done')),
  owner_id text,
  watchers text[] not null default '{}',
  policies jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index missions_project_id on missions (project_id);
