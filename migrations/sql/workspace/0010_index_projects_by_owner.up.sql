-- landfall: no-transaction
-- A person's projects, the last edited first. Built while the table is in use.
create index concurrently projects_owner_id_updated_at on projects (owner_id, updated_at desc, id);
