drop table projects;

drop table users;
