alter table bugs rename column proposed_fix to fix;

alter table bugs add column proposed_fix text generated always as (fix) virtual;
