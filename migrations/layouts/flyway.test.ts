import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

const script = (file: string, sql: string, transaction = true) => ({
  file: `m/${file}`,
  sql,
  transaction,
  firstLine: 1,
})

test('versions of several parts sort as numbers, undo scripts belong by version, repeatables come last', async () => {
  const read = await readTexts({
    'R__a_view.sql': 'create or replace view v as select 1;',
    'V1.10__ten.sql': 'create table ten ();',
    'V1_9__nine.sql': 'create table nine ();',
    'U1.9__other_words.sql': 'drop table nine;',
    'U1.10__ten.sql': 'drop table ten;',
    'sub/V1__one.sql': 'create table one ();',
    'sub/U1__one.sql': 'drop table one;',
  })
  const migration = (version: string, name: string, up: string, down: string) => ({
    version,
    name,
    up: script(up, `create table ${name} ();`),
    down: script(down, `drop table ${name};`),
    irreversible: null,
  })
  expect(read).toEqual({
    layout: 'flyway',
    migrations: [
      migration('1', 'one', 'sub/V1__one.sql', 'sub/U1__one.sql'),
      migration('1.9', 'nine', 'V1_9__nine.sql', 'U1.9__other_words.sql'),
      migration('1.10', 'ten', 'V1.10__ten.sql', 'U1.10__ten.sql'),
      {
        version: 'R__a_view',
        name: 'a_view',
        up: script('R__a_view.sql', 'create or replace view v as select 1;'),
        down: null,
        irreversible: 'a repeatable migration of Flyway has no undo',
      },
    ],
    problems: [],
    others: [],
  })
})

test('a script runs outside a transaction when its .conf says so, or when PostgreSQL wants it and the .conf is silent', async () => {
  const { migrations, others } = await readTexts({
    'V1__a.sql': 'vacuum;',
    'V1__a.sql.conf': 'executeInTransaction=false\n',
    'U1__a.sql': 'select 1;',
    'V2__b.sql': 'create index concurrently i on t (c);',
    'U2__b.sql': 'drop index concurrently i;',
    'V3__c.sql': 'create index concurrently j on t (c);',
    'V3__c.sql.conf': 'executeInTransaction=true\n',
    'U3__c.sql': 'select 1;',
  })
  expect(migrations.map(({ up, down }) => [up.transaction, down?.transaction])).toEqual([
    [false, true],
    [false, false],
    [true, true],
  ])
  expect(others).toEqual([
    { file: 'm/V1__a.sql.conf', what: 'settings of V1__a.sql' },
    { file: 'm/V3__c.sql.conf', what: 'settings of V3__c.sql' },
  ])
})

test('empty undo scripts, callbacks, Java migrations and baselines that stand in for others are named', async () => {
  const { migrations, problems } = await readTexts({
    'V1__a.sql': 'select 1;',
    'U1__a.sql': '',
    'V2__b.java': '',
    'U3__c.sql': 'select 1;',
    'B1__start.sql': 'select 1;',
    'afterMigrate.sql': 'select 1;',
  })
  expect(migrations.map(({ version, name }) => [version, name])).toEqual([['1', 'a']])
  expect(problems.map(({ rule, message }) => [rule, message])).toEqual([
    [
      'files/skipped-file',
      'V2__b.java is a migration in Java: landfall runs SQL alone, and a later script may need what it makes',
    ],
    ['files/skipped-file', 'afterMigrate.sql is a callback of Flyway: landfall does not run it'],
    [
      'files/skipped-file',
      'B1__start.sql stands in for V1__a.sql and what follows it: landfall runs those, not the baseline',
    ],
    ['files/up-without-down', 'U1__a.sql holds no statement'],
    ['files/down-without-up', 'U3__c.sql has no up script'],
  ])
})

test('a baseline without anything older is where the replay starts', async () => {
  const { migrations, problems } = await readTexts({
    'B5__start.sql': 'create table a ();',
    'V6__b.sql': 'select 1;',
    'U6__b.sql': 'select 1;',
  })
  expect([migrations.map(({ version, irreversible }) => [version, irreversible]), problems]).toEqual([
    [
      ['5', 'a baseline migration of Flyway has no undo'],
      ['6', null],
    ],
    [],
  ])
})

test('placeholders that have a value are replaced', async () => {
  const { migrations } = await readTexts(
    { 'V1__a.sql': "create table ${prefix}_a (); select '${unknown}';", 'U1__a.sql': 'drop table ${prefix}_a;' },
    { variables: { prefix: 'my' } },
  )
  expect([migrations[0]!.up.sql, migrations[0]!.down?.sql]).toEqual([
    "create table my_a (); select '${unknown}';",
    'drop table my_a;',
  ])
})
