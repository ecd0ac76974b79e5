-- What happened, for good. An entry without a tenant is the service's own; one with a user names the user's tenant.
create table audit_logs (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid references tenants (id),
  user_id uuid references users (id),
  action varchar(100) not null,
  resource_type varchar(50) not null,
  resource_id uuid,
  details jsonb not null default '{}',
  ip_address inet,
  user_agent text,
  created_at timestamptz not null default now(),
  constraint audit_logs_user_has_tenant check (user_id is null or tenant_id is not null)
);

create index audit_tenant_action_idx on audit_logs (tenant_id, action);

create index audit_resource_idx on audit_logs (resource_type, resource_id);

create index audit_created_at_idx on audit_logs (created_at);

create index audit_user_idx on audit_logs (user_id);
