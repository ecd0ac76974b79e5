-- How a person signs in: with a password of their own, or through a provider.
create type account_provider as enum ('credential', 'github', 'google');

create table accounts (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  provider account_provider not null,
  provider_account_id text not null,
  password_hash text,
  scopes text[] not null default '{}',
  created_at timestamptz not null default now(),
  constraint accounts_provider_provider_account_id_key unique (provider, provider_account_id)
);

create index accounts_user_id on accounts (user_id);
