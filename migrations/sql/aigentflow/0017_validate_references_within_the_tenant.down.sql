alter table self_reviews
  add constraint self_reviews_execution_id_fkey foreign key (execution_id) references task_executions (id),
  drop constraint self_reviews_execution_fkey,
  add constraint self_reviews_execution_fkey foreign key (task_id, execution_id)
  references task_executions (task_id, id) not valid;

alter table artifacts
  add constraint artifacts_execution_id_fkey foreign key (execution_id) references task_executions (id),
  drop constraint artifacts_execution_fkey,
  add constraint artifacts_execution_fkey foreign key (task_id, execution_id) references task_executions (task_id, id)
  not valid;

alter table audit_logs
  add constraint audit_logs_user_id_fkey foreign key (user_id) references users (id),
  drop constraint audit_logs_user_fkey,
  add constraint audit_logs_user_fkey foreign key (tenant_id, user_id) references users (tenant_id, id) not valid;

alter table lessons
  add constraint lessons_task_id_fkey foreign key (task_id) references tasks (id),
  drop constraint lessons_task_fkey,
  add constraint lessons_task_fkey foreign key (tenant_id, task_id) references tasks (tenant_id, id) not valid;

alter table tasks
  add constraint tasks_user_id_fkey foreign key (user_id) references users (id),
  add constraint tasks_project_id_fkey foreign key (project_id) references projects (id),
  drop constraint tasks_user_fkey,
  drop constraint tasks_project_fkey,
  add constraint tasks_project_fkey foreign key (tenant_id, project_id) references projects (tenant_id, id) not valid,
  add constraint tasks_user_fkey foreign key (tenant_id, user_id) references users (tenant_id, id) not valid;
