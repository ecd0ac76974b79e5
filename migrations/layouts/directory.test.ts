import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

const script = (file: string, sql: string, transaction = true) => ({
  file: `m/${file}`,
  sql,
  transaction,
  firstLine: 1,
})

test('directories are read in the order of their dates, however a date is written, and names may hold spaces', async () => {
  const read = await readTexts({
    '2024-03-01-120000_add users table/up.sql': 'create table users ();',
    '2024-03-01-120000_add users table/down.sql': 'drop table users;',
    '20240102120000_first/up.sql': 'create table a ();',
    '20240102120000_first/down.sql': 'drop table a;',
    '2025-11-11-140459-0000_later/up.sql': 'create table c ();',
    '2025-11-11-140459-0000_later/down.sql': 'drop table c;',
    '2025-11-11-140459-0001_same second/up.sql': 'create table d ();',
    '2025-11-11-140459-0001_same second/down.sql': 'drop table d;',
    '20251212000000_last/up.sql': 'create table e ();',
    '20251212000000_last/down.sql': 'drop table e;',
  })
  const migration = (version: string, name: string, directory: string, table: string) => ({
    version,
    name,
    up: script(`${directory}/up.sql`, `create table ${table} ();`),
    down: script(`${directory}/down.sql`, `drop table ${table};`),
    irreversible: null,
  })
  expect(read).toEqual({
    layout: 'directory',
    migrations: [
      migration('20240102120000', 'first', '20240102120000_first', 'a'),
      migration('20240301120000', 'add users table', '2024-03-01-120000_add users table', 'users'),
      migration('20251111140459', 'later', '2025-11-11-140459-0000_later', 'c'),
      migration('20251111140459.0001', 'same second', '2025-11-11-140459-0001_same second', 'd'),
      migration('20251212000000', 'last', '20251212000000_last', 'e'),
    ],
    problems: [],
    others: [],
  })
})

test('metadata.toml takes both directions out of the transaction', async () => {
  const { migrations, others } = await readTexts({
    '20240101000000_a/up.sql': 'select 1;',
    '20240101000000_a/down.sql': 'select 1;',
    '20240101000000_a/metadata.toml': '# why\nrun_in_transaction = false # concurrently\n',
    '20240102000000_b/up.sql': 'select 1;',
    '20240102000000_b/down.sql': 'select 1;',
    '20240102000000_b/metadata.toml': 'run_in_transaction = true\n',
  })
  expect(migrations.map(({ up, down }) => [up.transaction, down?.transaction])).toEqual([
    [false, false],
    [true, true],
  ])
  expect(others).toEqual([
    { file: 'm/20240101000000_a/metadata.toml', what: 'settings of 20240101000000_a' },
    { file: 'm/20240102000000_b/metadata.toml', what: 'settings of 20240102000000_b' },
  ])
})

test('a metadata.toml that says neither true nor false is an error at its line', async () => {
  await expect(
    readTexts({
      '20240101000000_a/up.sql': 'select 1;',
      '20240101000000_a/metadata.toml': '\nrun_in_transaction = "no"\n',
    }),
  ).rejects.toMatchObject({
    kind: 'usage',
    message: 'm/20240101000000_a/metadata.toml:2: run_in_transaction is "no", neither true nor false',
    location: { file: 'm/20240101000000_a/metadata.toml', line: 2, column: 1 },
  })
})

test('what has no down script, no up script or no place is named by its directory', async () => {
  const { migrations, problems } = await readTexts({
    '20240101000000_a/up.sql': 'select 1;',
    '20240102000000_b/up.sql': 'select 1;',
    '20240102000000_b/down.sql': '',
    '20240103000000_c/down.sql': 'select 1;',
    '20240104000000_d/notes.sql': 'select 1;',
    'loose.sql': 'select 1;',
  })
  expect(migrations.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(problems.map(({ rule, message }) => [rule, message])).toEqual([
    [
      'files/bad-name',
      '20240104000000_d/notes.sql stands in a sub-directory, where no migration of this layout is: it is not run',
    ],
    ['files/bad-name', 'loose.sql is not named like a migration: it is not run'],
    ['files/up-without-down', '20240101000000_a/up.sql has no down script'],
    ['files/up-without-down', '20240102000000_b/down.sql holds no statement'],
    ['files/down-without-up', '20240103000000_c/down.sql has no up script'],
  ])
})
