-- A tenant is a customer: nobody sees what is another tenant's.
create table tenants (
  id uuid primary key default gen_random_uuid(),
  name varchar(255) not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
