-- What was learned from tasks, and how well it served since.
create table lessons (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  task_id uuid references tasks (id),
  category varchar(50) not null,
  title varchar(255) not null,
  summary text not null,
  details text,
  tags jsonb not null default '[]' check (jsonb_typeof(tags) = 'array'),
  source_agent agent_type,
  confidence real not null default 0.5 check (confidence between 0 and 1),
  success_rate real check (success_rate between 0 and 1),
  human_validated boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  usage_count integer not null default 0
);

create index lessons_tenant_idx on lessons (tenant_id);

create index lessons_category_idx on lessons (category);

create index lessons_tags_idx on lessons using gin (tags);

create index lessons_task_idx on lessons (task_id);
