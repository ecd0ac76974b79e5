drop table templates;

drop table repositories;
