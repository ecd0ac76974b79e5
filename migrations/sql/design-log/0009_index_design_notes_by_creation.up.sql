create index design_notes_created_at on design_notes (created_at, id);
