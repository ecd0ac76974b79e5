drop policy service_access on approvals;

drop policy tenant_isolation on approvals;

alter table approvals no force row level security, disable row level security;

drop policy service_access on self_reviews;

drop policy tenant_isolation on self_reviews;

alter table self_reviews no force row level security, disable row level security;

drop policy service_access on artifacts;

drop policy tenant_isolation on artifacts;

alter table artifacts no force row level security, disable row level security;

drop policy service_access on task_executions;

drop policy tenant_isolation on task_executions;

alter table task_executions no force row level security, disable row level security;
