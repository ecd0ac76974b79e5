create table idea_tickets (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  title text not null,
  status text not null default 'new',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  body text
);

create index idea_tickets_project_id on idea_tickets (project_id);
