drop index design_notes_superseded_by;

drop table design_notes;
