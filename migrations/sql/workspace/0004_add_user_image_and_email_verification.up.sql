alter table users
  add column image text,
  add column email_verified_at timestamptz;
