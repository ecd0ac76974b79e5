-- The column takes its old name and place back, and the new one comes after it, as it was.
alter table lessons rename column application_count to usage_count;

alter table lessons alter column usage_count drop not null;

alter table lessons alter column usage_count set not null;

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
