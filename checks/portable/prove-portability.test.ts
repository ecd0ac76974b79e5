import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { migrationOf } from '../../fixtures/migration.ts'
import { readCatalog } from '../../migrations/catalog/read.ts'
import type { Migration } from '../../migrations/migration.ts'
import { portableFindings } from './findings.ts'
import { provePortability } from './prove-portability.ts'
import { vendorUses } from './vendor-sql.ts'

/** `rule what line:column`. */
const usesOf = async (sql: string): Promise<string[]> =>
  (await vendorUses(migrationOf('1', sql, null).up)).map(
    ({ rule, what, location: { line, column } }) => `${rule.replace('portable/', '')} ${what} ${line}:${column}`,
  )

test.for<[string, string, string[]]>([
  ['JSON', 'create table a (\n  b jsonb,\n  c json not null\n);', ['vendor-type jsonb 2:5', 'vendor-type json 3:5']],
  [
    'ids and times',
    'create table a (b uuid, c timestamptz)',
    ['vendor-type uuid 1:19', 'vendor-type timestamptz 1:27'],
  ],
  ['an array', 'alter table a add column b text[]', ['vendor-type text[] 1:28']],
  ['a type of its own', 'alter table a add column b mood', ['vendor-type mood 1:28']],
  ['looser types', 'create table a (b boolean, c varchar(9))', ['type-differs bool 1:19', 'type-differs varchar 1:30']],
  [
    'a time in an integer',
    'create table a (created_at integer, n integer)',
    ['narrow-integer integer created_at 1:28'],
  ],
  ['a serial', 'create table a (id bigserial primary key)', ['vendor-type bigserial 1:20']],
  ['an identity', 'create table a (b int generated always as identity)', ['vendor-clause generated as identity 1:23']],
  ['a partial index', 'select 1;\n\ncreate index i on a (b)\n  where b > 1;', ['partial-index partial index 3:1']],
  [
    'other indexes',
    'create index concurrently i on a using gin (b jsonb_path_ops) include (c)',
    [
      'vendor-index concurrently 1:1',
      'vendor-index using gin 1:1',
      'vendor-index include 1:1',
      'vendor-index operator class jsonb_path_ops 1:1',
    ],
  ],
  [
    'a schema',
    'create schema s;\ncreate table s.a (b int)',
    ['vendor-statement create schema 1:1', 'vendor-clause schema s 2:14'],
  ],
  ['a comment on', "-- a comment\ncomment on table a is ''", ['vendor-statement comment on 2:1']],
  ['cascade', 'drop table a cascade', ['vendor-clause cascade 1:1']],
  ['several at once', 'drop table a, b', ['vendor-clause drop of several at once 1:1']],
  [
    'changes of columns',
    'alter table a alter column b set not null, add constraint c check (b > 1)',
    [
      'vendor-clause several changes in one alter table 1:1',
      'vendor-statement alter table set not null 1:1',
      'vendor-statement alter table add constraint 1:1',
    ],
  ],
  [
    'expressions',
    "insert into a select now()::text, b ->> 'x' from c where d ilike 'x%'",
    [
      'vendor-expression now() 1:22',
      'vendor-expression :: 1:27',
      'vendor-expression operator ->> 1:37',
      'vendor-expression ilike 1:60',
    ],
  ],
  [
    'a default of time',
    'create table a (b text default current_timestamp)',
    ['vendor-expression current_timestamp that is the same 1:32'],
  ],
  [
    'a function',
    "create function f() returns int language sql as 'select 1'",
    ['vendor-statement create function 1:1'],
  ],
  [
    'what both have',
    `create table a (id text not null primary key, b bigint not null references c (id), d double precision, check (b in (1, 2)), unique (b, d));
     create unique index i on a (b desc, id); alter table a add column e text not null default '[]'; alter table a rename column e to f;
     update a set d = coalesce(d, 0) + abs(b) where f between 'a' and 'b' and not f is null; insert into a (id, b) values ('a', 1) on conflict do nothing;
     create view v as select lower(id) as id, cast(count(*) as text) as n from a group by id; alter table a drop column f; drop view v; drop index i; drop table a`,
    [],
  ],
])('%s', async ([, sql, expected]) => {
  expect(await usesOf(sql)).toEqual(expected)
})

const findingsOf = async (migrations: readonly Migration[], onPostgres = true): Promise<string[]> => {
  await using database = await freshDatabase({ schema: 'app' })
  if (onPostgres) for (const { up } of migrations) await database.sql.unsafe(up.sql)
  const replayed = onPostgres ? { catalog: await readCatalog(database.sql), schema: 'app' } : null
  const findings = portableFindings(await provePortability(migrations, replayed), new Map())
  return findings.map(({ rule, message, location }) => `${rule} ${location?.file}:${location?.line} ${message}`)
}

test('what both make differently is told table by table, with what each of them has', async () => {
  const up = `create table a (id text primary key, n bigint unique);
    create table b (id text not null primary key, a_id text references a, constraint f foreign key (id) references a (id) on delete cascade);
    create index b_a on b (a_id, id);`
  expect(await findingsOf([migrationOf('1', up, 'drop table b; drop table a;')])).toEqual([
    'portable/differs undefined:undefined column a.id: not null in PostgreSQL, null allowed in SQLite',
  ])
})

test('a script that stops on SQLite is told at its line, and once where it was told before', async () => {
  const before = migrationOf('1', 'create table a (id text not null primary key);', 'drop table a;')
  const unknown = migrationOf('2', 'create table b (\n  c text,\n  d text default lower(c)\n);', null)
  expect(await findingsOf([before, unknown], false)).toEqual([
    'portable/fails-on-sqlite 2_test.up.sql:1 SQLite: near "(": syntax error',
  ])
  const told = migrationOf('2', 'create table b (\n  c bigint generated always as identity\n);', 'drop table b;')
  expect(await findingsOf([before, told], false)).toEqual([
    'portable/vendor-clause 2_test.up.sql:2 SQLite has no generated as identity: let the application give ids',
  ])
})

test('a way back that stops, or leads elsewhere, is told; what comes after it meets nothing of that', async () => {
  const migrations = [
    migrationOf('1', 'create table a (id text not null primary key, b text);', 'drop table a;'),
    migrationOf('2', 'alter table a add column c text;\ncreate index i on a (b);', 'alter table a drop column b;'),
    migrationOf('3', 'create index j on a (c);', 'alter table a drop column c;\ndrop index j;\ndrop table b;'),
    migrationOf('4', 'alter table a drop column b;\n', "alter table a add column b text default 'x';"),
  ]
  const found = await findingsOf([...migrations.slice(0, 3), migrationOf('4', 'create table z (n bigint);', null)])
  expect(found).toEqual([
    expect.stringMatching(
      /^portable\/down-fails-on-sqlite 2_test.down.sql:1 SQLite: error in index i after drop column/,
    ),
    expect.stringMatching(
      /^portable\/down-fails-on-sqlite 3_test.down.sql:1 SQLite: error in index j after drop column/,
    ),
  ])
  const other = migrationOf('2', 'alter table a drop column b;', "alter table a add column b text default 'x';")
  expect(await findingsOf([migrations[0]!, other])).toEqual([
    'portable/down-not-inverse-on-sqlite 2_test.down.sql:1 after 2_test and back SQLite has not what it had before: column a.b',
  ])
})
