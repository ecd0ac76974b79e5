create table users (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  email varchar(255) not null,
  name varchar(255),
  role varchar(50) not null default 'member' check (role in ('owner', 'admin', 'member')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_email_key unique (tenant_id, email)
);

create table projects (
  id uuid primary key default gen_random_uuid(),
  tenant_id uuid not null references tenants (id),
  name varchar(255) not null,
  description text,
  path varchar(1000),
  config jsonb not null default '{}',
  status varchar(50) not null default 'active' check (status in ('active', 'archived')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index projects_tenant_idx on projects (tenant_id);
