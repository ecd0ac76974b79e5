-- The indexes by project and time begin with project_id as well.
drop index idea_tickets_project_id;

drop index context_items_project_id;
