drop sequence landfall.backfill_batch_number;

drop table landfall.backfill_partition;
