drop table gap_analyses;
