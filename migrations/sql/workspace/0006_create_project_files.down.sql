drop table project_files;
