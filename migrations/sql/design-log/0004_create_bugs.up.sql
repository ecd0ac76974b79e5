-- Steps to reproduce are JSON text: neither dialect's own JSON type is in the other.
create table bugs (
  id text not null primary key,
  title text not null,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  task_id text references tasks (id),
  repro_steps text not null,
  version integer not null default 1,
  created_at bigint not null,
  fix text
);

create index bugs_task_id on bugs (task_id);
