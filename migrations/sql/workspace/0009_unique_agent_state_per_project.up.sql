-- One state a project, so that reading it is deterministic.
alter table agent_states add constraint agent_states_project_id_key unique (project_id);

drop index agent_states_project_id;
