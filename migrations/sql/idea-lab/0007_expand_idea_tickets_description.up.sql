-- A ticket's body becomes its description. Until 0008 old code writes the one and new code the other: a trigger keeps
-- them equal.
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
