drop trigger lessons_sync_application_count on lessons;

drop function lessons_sync_application_count();

alter table lessons drop column application_count;
