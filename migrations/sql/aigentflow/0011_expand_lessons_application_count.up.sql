-- A lesson's usage_count becomes its application_count. Until 0012 old code writes the one and new code the other: a
-- trigger keeps them equal.
alter table lessons add column application_count integer;

update lessons set application_count = usage_count;

create function lessons_sync_application_count() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.application_count := coalesce(new.application_count, new.usage_count);
  elsif new.application_count is not distinct from old.application_count then
    new.application_count := new.usage_count;
  end if;
  new.usage_count := new.application_count;
  return new;
end
$$;

create trigger lessons_sync_application_count before insert or update on lessons
  for each row execute function lessons_sync_application_count();

alter table lessons alter column application_count set not null;
