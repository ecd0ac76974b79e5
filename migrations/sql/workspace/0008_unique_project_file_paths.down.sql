create index project_files_project_id on project_files (project_id);

alter table project_files drop constraint project_files_project_id_path_key;
