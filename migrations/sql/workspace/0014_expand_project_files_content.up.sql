-- A file's body becomes its content. Until 0015 old code writes the one and new code the other: a trigger keeps them equal.
alter table project_files add column content text;

update project_files set content = body;

alter table project_files alter column content set not null;

create function project_files_sync_content() returns trigger language plpgsql as $$
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

create trigger project_files_sync_content before insert or update on project_files
  for each row execute function project_files_sync_content();
