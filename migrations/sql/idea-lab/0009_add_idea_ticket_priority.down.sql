alter table idea_tickets drop column priority;
