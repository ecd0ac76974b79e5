-- landfall: no-transaction
-- What is pinned is few, and read with every question.
create index concurrently context_items_project_id_pinned on context_items (project_id, created_at desc, id desc) where pinned;
