drop table review_decisions;

drop table config_entries;
