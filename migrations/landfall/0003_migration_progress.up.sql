-- Databases of the first days have a number there.
alter table landfall.migration alter column version type text;

alter table landfall.migration
  add column direction text not null default 'up' check (direction in ('up', 'down')),
  add column statements_done integer not null default 0,
  add column done_checksum text,
  add column begun_checksum text,
  add column down_transaction boolean not null default true,
  add column irreversible text;

comment on column landfall.migration.statements_done is 'of an interrupted script without a transaction: where it goes on';

comment on column landfall.migration.done_checksum is 'of those statements: when they were edited, the script begins anew';

comment on column landfall.migration.begun_checksum is 'of the statement after them, when it was begun and cannot commit together with this row';
