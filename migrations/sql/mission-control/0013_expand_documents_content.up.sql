-- A document's body becomes its content. Until 0014 old code writes the one and new code the other: a trigger keeps them
-- equal.
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
