drop table landfall.migration;

drop schema landfall;
