-- In a migration of its own: the scan holds no lock that stops writers.
alter table agent_states validate constraint agent_states_version_check;
