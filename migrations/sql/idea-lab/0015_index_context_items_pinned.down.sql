-- landfall: no-transaction
drop index concurrently context_items_project_id_pinned;
