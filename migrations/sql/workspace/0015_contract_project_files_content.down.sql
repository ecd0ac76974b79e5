-- The column takes its old name and place back, and the new one comes after it, as it was.
alter table project_files alter column content drop not null;

alter table project_files rename column content to body;

alter table project_files alter column body set not null;

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
