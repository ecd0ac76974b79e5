-- landfall: no-transaction
drop index concurrently idea_tickets_project_id_status;
