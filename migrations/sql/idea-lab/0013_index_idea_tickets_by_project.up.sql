-- landfall: no-transaction
-- A project's tickets, the newest first, page by page.
create index concurrently idea_tickets_project_id_created_at on idea_tickets (project_id, created_at desc, id desc);
