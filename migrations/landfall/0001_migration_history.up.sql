create schema landfall;

comment on schema landfall is 'history and ledger of landfall; see its handbook';

create table landfall.migration (
  system text not null,
  version text not null,
  name text not null,
  state text not null check (state in ('applied', 'interrupted')),
  up_checksum text not null,
  down_checksum text,
  down_sql text,
  transaction boolean not null,
  applied_at timestamptz not null default now(),
  applied_by text not null default current_user,
  duration_ms integer,
  tool_version text not null,
  primary key (system, version)
);

comment on table landfall.migration is 'one row per migration that began; it commits with the migration itself';
comment on column landfall.migration.version is 'without leading zeros, so that 0001 and 1 are one; 1.10 and R__name are Flyway''s';
