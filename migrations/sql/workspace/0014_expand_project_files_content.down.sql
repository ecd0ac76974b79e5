drop trigger project_files_sync_content on project_files;

drop function project_files_sync_content();

alter table project_files drop column content;
