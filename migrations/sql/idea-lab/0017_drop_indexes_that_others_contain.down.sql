create index idea_tickets_project_id on idea_tickets (project_id);

create index context_items_project_id on context_items (project_id);
