drop table workflow_graphs;
