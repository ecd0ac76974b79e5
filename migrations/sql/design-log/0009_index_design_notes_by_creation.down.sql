drop index design_notes_created_at;
