-- landfall: no-transaction
drop index concurrently missions_project_id_stage;
