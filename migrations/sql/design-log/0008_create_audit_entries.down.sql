drop index audit_entries_entity_id_at;

drop table audit_entries;
