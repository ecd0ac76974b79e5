alter table idea_tickets
  drop constraint idea_tickets_status_check,
  drop constraint idea_tickets_priority_check,
  alter column priority drop not null;
