drop table accounts;

drop type account_provider;
