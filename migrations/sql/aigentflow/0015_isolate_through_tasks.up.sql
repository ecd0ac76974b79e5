-- These have no tenant of their own: each row is that of its task's tenant.
alter table task_executions enable row level security, force row level security;

create policy tenant_isolation on task_executions to aigentflow_app
  using (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()))
  with check (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()));

create policy service_access on task_executions to aigentflow_service using (true) with check (true);

alter table artifacts enable row level security, force row level security;

create policy tenant_isolation on artifacts to aigentflow_app
  using (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()))
  with check (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()));

create policy service_access on artifacts to aigentflow_service using (true) with check (true);

alter table self_reviews enable row level security, force row level security;

create policy tenant_isolation on self_reviews to aigentflow_app
  using (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()))
  with check (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()));

create policy service_access on self_reviews to aigentflow_service using (true) with check (true);

alter table approvals enable row level security, force row level security;

-- Who decides is of the tenant too: a foreign key alone does not ask whose the user is.
create policy tenant_isolation on approvals to aigentflow_app
  using (exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id()))
  with check (
    exists (select from tasks where tasks.id = task_id and tasks.tenant_id = current_tenant_id())
    and (user_id is null or exists (select from users where users.id = user_id and users.tenant_id = current_tenant_id()))
  );

create policy service_access on approvals to aigentflow_service using (true) with check (true);
