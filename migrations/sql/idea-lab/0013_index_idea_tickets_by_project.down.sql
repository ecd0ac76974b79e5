-- landfall: no-transaction
drop index concurrently idea_tickets_project_id_created_at;
