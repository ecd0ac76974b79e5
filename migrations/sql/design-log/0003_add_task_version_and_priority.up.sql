-- The version counts the changes of a task: a writer names the one it has read, and a stale write finds no row.
alter table tasks add column version integer not null default 1;

alter table tasks add column priority text not null default 'normal'
  check (priority in ('low', 'normal', 'high', 'urgent'));
