-- A mission is addressed by project and slug. The new index begins with project_id and takes the place of the old one.
alter table missions add constraint missions_project_id_slug_key unique (project_id, slug);

drop index missions_project_id;
