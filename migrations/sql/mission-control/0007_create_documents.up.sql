create table documents (
  id uuid primary key default gen_random_uuid(),
  mission_id uuid not null references missions (id),
  kind text not null check (kind in ('brief', 'notes', 'report', 'fallback')),
  title text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  body text not null
);

create index documents_mission_id on documents (mission_id, created_at);
