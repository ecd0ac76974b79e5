alter table self_reviews drop constraint self_reviews_execution_fkey;

alter table artifacts drop constraint artifacts_execution_fkey;

alter table audit_logs drop constraint audit_logs_user_fkey;

alter table lessons drop constraint lessons_task_fkey;

alter table tasks drop constraint tasks_user_fkey, drop constraint tasks_project_fkey;

alter table task_executions drop constraint task_executions_task_id_id_key;

alter table tasks drop constraint tasks_tenant_id_id_key;

alter table projects drop constraint projects_tenant_id_id_key;

alter table users drop constraint users_tenant_id_id_key;
