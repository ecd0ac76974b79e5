create table context_items (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references projects (id),
  name text not null,
  type text not null check (type in ('file', 'url', 'note', 'document')),
  tokens integer not null check (tokens >= 0),
  pinned boolean not null default false,
  canonical_document_id text,
  created_at timestamptz not null default now()
);

create index context_items_project_id on context_items (project_id);
