-- Foreign keys look past row-level security: each one names the tenant, or the task, as well. 0017 validates the rows
-- that are there already.
alter table users add constraint users_tenant_id_id_key unique (tenant_id, id);

alter table projects add constraint projects_tenant_id_id_key unique (tenant_id, id);

alter table tasks add constraint tasks_tenant_id_id_key unique (tenant_id, id);

alter table task_executions add constraint task_executions_task_id_id_key unique (task_id, id);

alter table tasks
  add constraint tasks_project_fkey foreign key (tenant_id, project_id) references projects (tenant_id, id) not valid,
  add constraint tasks_user_fkey foreign key (tenant_id, user_id) references users (tenant_id, id) not valid;

alter table lessons
  add constraint lessons_task_fkey foreign key (tenant_id, task_id) references tasks (tenant_id, id) not valid;

alter table audit_logs
  add constraint audit_logs_user_fkey foreign key (tenant_id, user_id) references users (tenant_id, id) not valid;

alter table artifacts
  add constraint artifacts_execution_fkey foreign key (task_id, execution_id) references task_executions (task_id, id)
  not valid;

alter table self_reviews
  add constraint self_reviews_execution_fkey foreign key (task_id, execution_id)
  references task_executions (task_id, id) not valid;
