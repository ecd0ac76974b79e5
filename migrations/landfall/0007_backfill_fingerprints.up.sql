alter table landfall.backfill_batch add column fingerprint numeric;

comment on column landfall.backfill_batch.fingerprint is 'the sum over its rows of a 64-bit hash of key and row';
