-- Ids of the auth tables come from the auth library: text, not uuid.
create table users (
  id text primary key,
  email text not null,
  name text,
  created_at timestamptz not null default now(),
  constraint users_email_key unique (email)
);

comment on table users is 'people who can sign in';
