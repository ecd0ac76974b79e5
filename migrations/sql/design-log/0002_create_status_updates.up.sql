-- What somebody says about a task, or about the project at large.
create table status_updates (
  id text not null primary key,
  actor text not null,
  task_id text references tasks (id),
  message text not null,
  created_at bigint not null
);
