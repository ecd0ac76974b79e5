-- One file a path. The new index begins with project_id and takes the place of the old one.
alter table project_files add constraint project_files_project_id_path_key unique (project_id, path);

drop index project_files_project_id;
