alter table agent_states drop constraint agent_states_version_check;

alter table agent_states add constraint agent_states_version_check check (version >= 1) not valid;
