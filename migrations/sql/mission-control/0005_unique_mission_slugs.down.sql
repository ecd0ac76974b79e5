create index missions_project_id on missions (project_id);

alter table missions drop constraint missions_project_id_slug_key;
