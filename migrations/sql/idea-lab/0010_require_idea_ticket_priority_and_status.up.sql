update idea_tickets set priority = 'medium' where priority is null;

alter table idea_tickets
  alter column priority set not null,
  add constraint idea_tickets_priority_check check (priority in ('low', 'medium', 'high')) not valid,
  add constraint idea_tickets_status_check check (status in ('new', 'exploring', 'accepted', 'rejected', 'done')) not valid;
