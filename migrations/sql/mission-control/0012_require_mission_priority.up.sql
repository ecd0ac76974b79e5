-- For rows of code that said null in between.
update missions set priority = 'normal' where priority is null;

alter table missions alter column priority set not null;
