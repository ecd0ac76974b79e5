-- A bug's fix was only ever a proposal. Readers move to the new name first; writers keep the old one until 0011.
alter table bugs add column proposed_fix text generated always as (fix) virtual;
