-- The version counts the changes of a state; a stale write is refused. 0012 validates the rows that are there already.
alter table agent_states add column version integer not null default 1;

alter table agent_states add constraint agent_states_version_check check (version >= 1) not valid;
