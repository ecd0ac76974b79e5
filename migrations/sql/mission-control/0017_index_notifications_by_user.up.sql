-- landfall: no-transaction
-- The inbox of a person, newest first. Built while the table is in use.
create index concurrently notifications_user_id_created_at on notifications (user_id, created_at desc, id);
