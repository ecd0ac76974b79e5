-- Every instance writes application_count by now.
drop trigger lessons_sync_application_count on lessons;

drop function lessons_sync_application_count();

alter table lessons alter column application_count set default 0;

alter table lessons drop column usage_count;
