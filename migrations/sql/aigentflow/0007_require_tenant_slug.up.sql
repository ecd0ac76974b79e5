-- Every instance writes the slug by now.
alter table tenants alter column slug drop default;
