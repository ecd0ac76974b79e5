-- Notes are never edited: a later one supersedes them.
create table design_notes (
  id text not null primary key,
  title text not null,
  context text not null,
  decision text not null,
  consequences text not null,
  actor text not null,
  created_at bigint not null,
  superseded_by text references design_notes (id)
);

create index design_notes_superseded_by on design_notes (superseded_by);
