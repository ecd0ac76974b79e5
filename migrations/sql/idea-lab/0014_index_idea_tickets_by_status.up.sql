-- landfall: no-transaction
-- A project's tickets of one status, the newest first.
create index concurrently idea_tickets_project_id_status on idea_tickets (project_id, status, created_at desc, id desc);
