alter table landfall.backfill_run drop column waits;
