alter table idea_tickets
  drop constraint idea_tickets_priority_check,
  drop constraint idea_tickets_status_check,
  add constraint idea_tickets_priority_check check (priority in ('low', 'medium', 'high')) not valid,
  add constraint idea_tickets_status_check check (status in ('new', 'exploring', 'accepted', 'rejected', 'done')) not valid;
