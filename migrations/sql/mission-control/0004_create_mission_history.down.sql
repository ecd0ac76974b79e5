drop table mission_history;
