alter table landfall.migration
  drop column irreversible,
  drop column down_transaction,
  drop column begun_checksum,
  drop column done_checksum,
  drop column statements_done,
  drop column direction;
