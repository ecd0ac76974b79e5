drop trigger documents_sync_content on documents;

drop function documents_sync_content();

alter table documents drop column content;
