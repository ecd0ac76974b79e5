-- In a migration of its own: the scans hold no lock that stops writers. What the new keys say, the old ones need not.
alter table tasks validate constraint tasks_project_fkey;

alter table tasks validate constraint tasks_user_fkey;

alter table lessons validate constraint lessons_task_fkey;

alter table audit_logs validate constraint audit_logs_user_fkey;

alter table artifacts validate constraint artifacts_execution_fkey;

alter table self_reviews validate constraint self_reviews_execution_fkey;

alter table tasks drop constraint tasks_project_id_fkey, drop constraint tasks_user_id_fkey;

alter table lessons drop constraint lessons_task_id_fkey;

alter table audit_logs drop constraint audit_logs_user_id_fkey;

alter table artifacts drop constraint artifacts_execution_id_fkey;

alter table self_reviews drop constraint self_reviews_execution_id_fkey;
