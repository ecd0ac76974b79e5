drop table agents;

drop table workstations;
