-- What an analysis found missing in a project.
create table gap_analyses (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  ticket_id uuid references idea_tickets (id) on delete set null,
  summary text not null,
  gaps jsonb not null default '[]',
  created_at timestamptz not null default now()
);

create index gap_analyses_ticket_id on gap_analyses (ticket_id);

create index gap_analyses_project_id on gap_analyses (project_id, created_at desc, id desc);
