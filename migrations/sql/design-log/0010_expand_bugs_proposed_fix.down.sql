alter table bugs drop column proposed_fix;
