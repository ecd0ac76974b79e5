create table landfall.backfill_run (
  id uuid primary key,
  system text not null,
  name text not null,
  state text not null check (
    state in ('running', 'paused', 'cancelled', 'failed', 'done', 'verified', 'rolling-back', 'rolled-back')
  ),
  reason text,
  epoch integer not null default 1,
  owner text not null,
  spec_hash text not null,
  source jsonb not null,
  targets jsonb not null,
  options jsonb not null,
  cursor jsonb,
  next_seq integer not null default 1,
  read bigint not null default 0,
  written bigint not null default 0,
  existing bigint not null default 0,
  rejected bigint not null default 0,
  started_at timestamptz not null default clock_timestamp(),
  heartbeat_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  actor text not null default session_user,
  tool_version text not null
);

comment on table landfall.backfill_run is 'one execution of a backfill; its counters and cursor commit with every batch';

create unique index backfill_run_unfinished on landfall.backfill_run (system, name)
  where state in ('running', 'paused', 'cancelled', 'failed', 'rolling-back');

create index backfill_run_by_name on landfall.backfill_run (system, name, started_at);

create table landfall.backfill_batch (
  run_id uuid not null references landfall.backfill_run (id),
  seq integer not null,
  target text not null,
  op text not null check (op in ('insert', 'update')),
  xid xid8 not null,
  first_record bigint not null,
  last_record bigint not null,
  n integer not null,
  columns text[] not null,
  keys text[] not null,
  records bigint[],
  row_hash bigint[] not null,
  before jsonb,
  first_row tid,
  last_row tid,
  digest bytea,
  digest_columns text[],
  behind jsonb,
  committed_at timestamptz not null default clock_timestamp(),
  undone_at timestamptz,
  primary key (run_id, seq, target, op)
);

alter table landfall.backfill_batch alter column keys set storage external, alter column records set storage external,
  alter column row_hash set storage external;

comment on table landfall.backfill_batch is 'the packed journal: what one transaction wrote into one table, position by position in keys, records and hashes';
comment on column landfall.backfill_batch.keys is 'for each column of the key the texts of all rows';
comment on column landfall.backfill_batch.records is 'the record that each row belongs to; null: one row a record, from first_record to last_record';
comment on column landfall.backfill_batch.first_row is 'with last_row: where the rows were put, one behind the other, if they were';
comment on column landfall.backfill_batch.digest is 'sha256 of the rows as the source has them, in digest_columns and in the binary format of COPY';
comment on column landfall.backfill_batch.behind is 'the cursor of the source behind which the records of the batch begin';

create index backfill_batch_by_target on landfall.backfill_batch (target) where undone_at is null;

create table landfall.backfill_reject (
  id bigint generated always as identity primary key,
  run_id uuid not null references landfall.backfill_run (id),
  seq integer not null,
  record bigint not null,
  line bigint,
  byte_offset bigint,
  stage text not null check (stage in ('parse', 'schema', 'database')),
  code text not null,
  reason text not null,
  raw text not null,
  rejected_at timestamptz not null default clock_timestamp(),
  unique (run_id, record)
);

comment on table landfall.backfill_reject is 'one row per record that was not carried over, with the record as the source has it';

create table landfall.backfill_event (
  id bigint generated always as identity primary key,
  run_id uuid not null references landfall.backfill_run (id),
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  actor text not null default session_user,
  data jsonb not null default '{}'
);

comment on table landfall.backfill_event is 'what happened to a run, and who did it; rows are only ever added';

create index backfill_event_by_run on landfall.backfill_event (run_id);
