-- landfall: no-transaction
drop index concurrently projects_owner_id_updated_at;
