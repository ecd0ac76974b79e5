alter table tenants alter column slug set default 'tenant-' || gen_random_uuid();
