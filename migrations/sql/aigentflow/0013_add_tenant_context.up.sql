-- Whose rows a transaction works on. The setting ends with the transaction, so that a pooled session never keeps it.
create function set_tenant_context(tenant_id uuid) returns void language sql as $$
  select set_config('app.current_tenant_id', tenant_id::text, true)
$$;

-- Null when none is set: then no row is anybody's.
create function current_tenant_id() returns uuid language sql stable parallel safe as $$
  select nullif(current_setting('app.current_tenant_id', true), '')::uuid
$$;

grant usage on schema aigentflow to aigentflow_app, aigentflow_service;

grant select, insert, update, delete on users, projects, tasks, task_executions, artifacts, approvals, lessons,
  self_reviews, patterns to aigentflow_app;

grant select, update (name, settings, updated_at) on tenants to aigentflow_app;

-- Nobody rewrites what happened.
grant select, insert on audit_logs to aigentflow_app;

grant select, insert, update, delete on tenants, users, projects, tasks, task_executions, artifacts, approvals, lessons,
  self_reviews, patterns, audit_logs to aigentflow_service;
