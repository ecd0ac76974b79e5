alter table landfall.backfill_run
  add column why text,
  add column code_hash text,
  add column code_commit text,
  add column server_version text not null default current_setting('server_version'),
  add column fingerprints jsonb,
  add column finalized_at timestamptz;

comment on column landfall.backfill_run.why is 'what the operator gave as the reason; reason is why it is in its state';
comment on column landfall.backfill_run.code_hash is 'sha256 of the file of the job; spec_hash is of what decides which rows a record becomes';
comment on column landfall.backfill_run.code_commit is 'the git commit of the config file, with + when something was not committed';
comment on column landfall.backfill_run.fingerprints is 'of what the run left in each table, whatever the order: rows, and a sum over the hashes of keys and rows';
comment on column landfall.backfill_run.finalized_at is 'since then its journal is gone: it cannot be undone or verified any more';

alter table landfall.backfill_event add column why text;

alter table landfall.backfill_reject
  add column keys text[],
  add column mended text,
  add column settled text check (settled in ('carried', 'discarded')),
  add column settled_at timestamptz,
  add column settled_by text,
  add column settled_why text;

comment on column landfall.backfill_reject.keys is 'of a row of a table: the texts of its primary key';
comment on column landfall.backfill_reject.mended is 'the record as an operator mended it, when that was carried over in its place';
comment on column landfall.backfill_reject.settled is 'null: the record is still to be carried over, or to be discarded';

create index backfill_reject_open on landfall.backfill_reject (run_id) where settled is null;
