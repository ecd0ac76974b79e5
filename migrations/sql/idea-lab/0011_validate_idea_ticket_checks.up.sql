-- In a migration of its own: the scan holds no lock that stops writers.
alter table idea_tickets validate constraint idea_tickets_priority_check;

alter table idea_tickets validate constraint idea_tickets_status_check;
