-- The name of a tenant in addresses. Code that does not know of it yet gets one that is made up; 0007 ends that.
alter table tenants add column slug varchar(100) not null default 'tenant-' || gen_random_uuid();

update tenants
set slug = lower(regexp_replace(left(name, 60), '[^a-zA-Z0-9]+', '-', 'g')) || '-' || id
where name ~ '[a-zA-Z0-9]';

alter table tenants add constraint tenants_slug_key unique (slug);
