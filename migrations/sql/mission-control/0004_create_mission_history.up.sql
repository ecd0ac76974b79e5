-- What happened to a mission. Entries are added and never changed.
create table mission_history (
  id uuid primary key default gen_random_uuid(),
  mission_id uuid not null references missions (id),
  kind text not null check (kind in ('created', 'stage_changed', 'comment')),
  from_stage text,
  to_stage text,
  actor_id text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint mission_history_stages_check check ((kind = 'stage_changed') = (from_stage is not null and to_stage is not null))
);

create index mission_history_mission_id on mission_history (mission_id, created_at);
