create index agent_states_project_id on agent_states (project_id);

alter table agent_states drop constraint agent_states_project_id_key;
