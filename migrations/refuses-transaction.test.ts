import { expect, test } from 'vitest'
import { testDatabases } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { proveSystem } from './prove.ts'
import { statementsOf, undeclaredRefusal } from './script.ts'

const refusing = [
  'create index concurrently i on t (c)',
  'create unique index concurrently if not exists i on t (c)',
  'drop index concurrently i',
  'reindex index concurrently i',
  'reindex (verbose, concurrently) table t',
  'reindex schema s',
  'reindex database d',
  'vacuum',
  'vacuum full t',
  'cluster',
  'alter table t detach partition p concurrently',
  'alter system set work_mem = 1',
  'create database d',
  'drop database d',
]
const willing = [
  'create index i on t (c)',
  'drop index i',
  'reindex table t',
  'analyze t',
  'cluster t using i',
  'alter table t detach partition p',
  'refresh materialized view concurrently m',
  "alter type mood add value 'sad'",
  "do $$ begin execute 'select 1'; end $$",
]

test.each([...refusing.map((sql) => [sql, true] as const), ...willing.map((sql) => [sql, false] as const)])(
  '%s: refused inside a transaction: %s',
  async (sql, refused) => {
    const [statement] = await statementsOf({ file: 'f.sql', sql, transaction: true, firstLine: 1 })
    expect(statement!.refusesTransaction).toBe(refused)
  },
)

test('the statement is named with its place, unless the file says that it runs outside a transaction', async () => {
  const sql = 'select 1;\n  vacuum;'
  const script = { file: 'f.sql', sql, transaction: true, firstLine: 5 }
  const { line, column } = (await undeclaredRefusal(script))!
  expect([line, column]).toEqual([6, 3])
  expect(await undeclaredRefusal({ ...script, transaction: false })).toBeNull()
})

test('a migration that needs to run outside a transaction without saying so is proven all the same', async () => {
  await using databases = await testDatabases()
  const { proofs } = await proveSystem({
    databases,
    migrations: [
      migrationOf('1', 'create table a (n int);', 'drop table a;'),
      migrationOf('2', 'create index concurrently a_n on a (n);', 'drop index concurrently a_n;'),
    ],
    schema: 'public',
    prelude: null,
    root: '.',
  })
  expect(proofs.map(({ state, reversible, difference }) => [state, reversible, difference])).toEqual([
    ['proven', true, 'none'],
    ['proven', true, 'none'],
  ])
})
