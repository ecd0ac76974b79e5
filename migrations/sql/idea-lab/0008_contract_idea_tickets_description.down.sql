-- The column takes its old name and place back, and the new one comes after it, as it was.
alter table idea_tickets rename column description to body;

alter table idea_tickets add column description text;

update idea_tickets set description = body;

create function idea_tickets_sync_description() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.description := coalesce(new.description, new.body);
  elsif new.description is not distinct from old.description then
    new.description := new.body;
  end if;
  new.body := new.description;
  return new;
end
$$;

create trigger idea_tickets_sync_description before insert or update on idea_tickets
  for each row execute function idea_tickets_sync_description();
