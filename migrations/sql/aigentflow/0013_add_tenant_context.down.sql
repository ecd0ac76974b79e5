revoke all on tenants, users, projects, tasks, task_executions, artifacts, approvals, lessons, self_reviews, patterns,
  audit_logs from aigentflow_app, aigentflow_service;

revoke update (name, settings, updated_at) on tenants from aigentflow_app;

revoke usage on schema aigentflow from aigentflow_app, aigentflow_service;

drop function current_tenant_id();

drop function set_tenant_context(uuid);
