alter table agent_states drop constraint agent_states_version_check;

alter table agent_states drop column version;
