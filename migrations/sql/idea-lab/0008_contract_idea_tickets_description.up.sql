-- Every instance writes description by now.
drop trigger idea_tickets_sync_description on idea_tickets;

drop function idea_tickets_sync_description();

alter table idea_tickets drop column body;
