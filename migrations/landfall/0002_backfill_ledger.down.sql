drop table landfall.backfill_event;

drop table landfall.backfill_reject;

drop table landfall.backfill_batch;

drop table landfall.backfill_run;
