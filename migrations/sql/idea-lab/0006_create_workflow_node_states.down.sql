drop table workflow_node_states;
