drop index landfall.backfill_reject_open;

alter table landfall.backfill_reject
  drop column settled_why,
  drop column settled_by,
  drop column settled_at,
  drop column settled,
  drop column mended,
  drop column keys;

alter table landfall.backfill_event drop column why;

alter table landfall.backfill_run
  drop column finalized_at,
  drop column fingerprints,
  drop column server_version,
  drop column code_commit,
  drop column code_hash,
  drop column why;
