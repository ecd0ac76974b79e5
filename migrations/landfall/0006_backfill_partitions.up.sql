create table landfall.backfill_partition (
  run_id uuid not null references landfall.backfill_run (id),
  number integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
  epoch integer not null default 0,
  owner text,
  behind jsonb,
  last_record bigint,
  cursor jsonb,
  read bigint not null default 0,
  written bigint not null default 0,
  existing bigint not null default 0,
  rejected bigint not null default 0,
  heartbeat_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  primary key (run_id, number)
);

comment on table landfall.backfill_partition is 'a part of the source of a run that several workers share; its counters and cursor commit with every batch';
comment on column landfall.backfill_partition.behind is 'the cursor behind which its records begin; null: the beginning of the source';
comment on column landfall.backfill_partition.last_record is 'null: to the end of the source, or of the keys in behind';

create sequence landfall.backfill_batch_number as integer;

comment on sequence landfall.backfill_batch_number is 'numbers the batches of partitioned runs: no worker waits for another';
