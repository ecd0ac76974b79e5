create table sessions (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  token_hash text not null,
  expires_at timestamptz not null,
  ip_address inet,
  user_agent text,
  created_at timestamptz not null default now(),
  constraint sessions_token_hash_key unique (token_hash)
);

create index sessions_user_id on sessions (user_id);

comment on column sessions.token_hash is 'SHA-256 of the token, in hex; the token itself is never stored';
