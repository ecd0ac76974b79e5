-- Nobody reads the old name any more: it goes, and the data takes the new one.
alter table bugs drop column proposed_fix;

alter table bugs rename column fix to proposed_fix;
