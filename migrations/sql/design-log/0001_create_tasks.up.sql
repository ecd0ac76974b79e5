-- The design log begins with its tasks. Times are milliseconds since 1970.
create table tasks (
  id text not null primary key,
  title text not null,
  status text not null check (status in ('todo', 'in_progress', 'blocked', 'done')),
  created_at bigint not null
);
