alter table landfall.backfill_batch drop column fingerprint;
