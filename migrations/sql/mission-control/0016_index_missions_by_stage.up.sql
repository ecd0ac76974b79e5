-- landfall: no-transaction
-- The board of a project, column by column. Built while the table is in use.
create index concurrently missions_project_id_stage on missions (project_id, stage, created_at, id);
