drop table missions;
