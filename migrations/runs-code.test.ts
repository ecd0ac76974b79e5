import { expect, test } from 'vitest'
import { migrationOf } from '../fixtures/migration.ts'
import { runsCode } from './runs-code.ts'

const of = (sql: string): Promise<boolean> => runsCode(migrationOf('1', sql, null).up)

test.each([
  "create table a (at timestamptz default now(), n int check (n > random()), s text default 'now and then');",
  'create view v as select now();',
  "create function f() returns int language sql as 'select 1';",
  'create index concurrently i on a (lower(n));',
  '-- nothing',
])('the text alone decides what this makes: %s', async (sql) => {
  expect(await of(sql)).toBe(false)
})

test.each([
  "create table a (at timestamptz default 'now'::timestamptz);",
  "alter table a alter at set default ' Today ';",
  'do $$ begin perform 1; end $$;',
  'create table a (); select make_partitions();',
  'insert into a values (1);',
  'create table b as select * from a;',
  'call p();',
  'creat table a ();',
])('more than the text may decide what this makes: %s', async (sql) => {
  expect(await of(sql)).toBe(true)
})
