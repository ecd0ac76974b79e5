alter table landfall.backfill_run add column waits jsonb not null default '{}';

comment on column landfall.backfill_run.waits is 'milliseconds that the run waited for the server, by reason';
