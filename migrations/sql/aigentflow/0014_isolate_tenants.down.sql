drop policy service_access on audit_logs;

drop policy tenant_isolation on audit_logs;

alter table audit_logs no force row level security, disable row level security;

drop policy service_access on patterns;

drop policy tenant_isolation on patterns;

alter table patterns no force row level security, disable row level security;

drop policy service_access on lessons;

drop policy tenant_isolation on lessons;

alter table lessons no force row level security, disable row level security;

drop policy service_access on tasks;

drop policy tenant_isolation on tasks;

alter table tasks no force row level security, disable row level security;

drop policy service_access on projects;

drop policy tenant_isolation on projects;

alter table projects no force row level security, disable row level security;

drop policy service_access on users;

drop policy tenant_isolation on users;

alter table users no force row level security, disable row level security;

drop policy service_access on tenants;

drop policy tenant_isolation on tenants;

alter table tenants no force row level security, disable row level security;
