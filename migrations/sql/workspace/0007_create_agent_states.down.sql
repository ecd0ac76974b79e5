drop table agent_states;
