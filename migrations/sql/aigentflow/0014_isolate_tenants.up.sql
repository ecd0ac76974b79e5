-- A tenant sees and writes its own rows. The service is a role of its own: no setting makes anybody the service.
-- Forced: the owner of the tables is nobody special.
alter table tenants enable row level security, force row level security;

create policy tenant_isolation on tenants to aigentflow_app
  using (id = current_tenant_id()) with check (id = current_tenant_id());

create policy service_access on tenants to aigentflow_service using (true) with check (true);

alter table users enable row level security, force row level security;

create policy tenant_isolation on users to aigentflow_app
  using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());

create policy service_access on users to aigentflow_service using (true) with check (true);

alter table projects enable row level security, force row level security;

create policy tenant_isolation on projects to aigentflow_app
  using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());

create policy service_access on projects to aigentflow_service using (true) with check (true);

alter table tasks enable row level security, force row level security;

create policy tenant_isolation on tasks to aigentflow_app
  using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());

create policy service_access on tasks to aigentflow_service using (true) with check (true);

alter table lessons enable row level security, force row level security;

create policy tenant_isolation on lessons to aigentflow_app
  using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());

create policy service_access on lessons to aigentflow_service using (true) with check (true);

alter table patterns enable row level security, force row level security;

create policy tenant_isolation on patterns to aigentflow_app
  using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());

create policy service_access on patterns to aigentflow_service using (true) with check (true);

alter table audit_logs enable row level security, force row level security;

create policy tenant_isolation on audit_logs to aigentflow_app
  using (tenant_id = current_tenant_id()) with check (tenant_id = current_tenant_id());

create policy service_access on audit_logs to aigentflow_service using (true) with check (true);
