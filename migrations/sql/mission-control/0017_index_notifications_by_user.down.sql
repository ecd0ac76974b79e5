-- landfall: no-transaction
drop index concurrently notifications_user_id_created_at;
