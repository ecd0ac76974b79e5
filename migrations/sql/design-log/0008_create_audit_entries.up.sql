-- Who changed what. An entry outlives the thing that it speaks of, so entity_id references no table.
create table audit_entries (
  id text not null primary key,
  actor text not null,
  entity text not null check (entity in ('task', 'bug', 'status_update', 'design_note')),
  entity_id text not null,
  action text not null,
  at bigint not null,
  diff text not null
);

create index audit_entries_entity_id_at on audit_entries (entity, entity_id, at);
