-- The column takes its old name and place back, and the new one comes after it, as it was.
alter table documents alter column content drop not null;

alter table documents rename column content to body;

alter table documents alter column body set not null;

alter table documents add column content text;

update documents set content = body;

alter table documents alter column content set not null;

create function documents_sync_content() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.content := coalesce(new.content, new.body);
  elsif new.content is not distinct from old.content then
    new.content := new.body;
  end if;
  new.body := new.content;
  return new;
end
$$;

create trigger documents_sync_content before insert or update on documents
  for each row execute function documents_sync_content();
