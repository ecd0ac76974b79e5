alter table tenants drop column slug;
