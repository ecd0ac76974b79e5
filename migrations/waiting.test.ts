import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freshDatabase, type FreshDatabase } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { applyUp } from './apply.ts'
import type { Migration } from './migration.ts'
import { migrateStatus, migrateUp, type Target } from './runner.ts'
import { locked } from './session.ts'

const targetOf = ({ url }: FreshDatabase, migrations: readonly Migration[], rest: Partial<Target> = {}): Target => ({
  url,
  system: 'app',
  schema: 'public',
  migrations,
  lockWaitMs: 30_000,
  ...rest,
})
const table = migrationOf('1', 'create table t (n int);', 'drop table t;')
const alter = migrationOf('2', 'alter table t add column m int;', 'alter table t drop column m;')
const states = async (target: Target): Promise<string[]> =>
  (await migrateStatus(target)).map(({ version, state }) => `${version} ${state}`)

test('a table that others hold is waited for no longer than the lock timeout, and tried again until it is free', async () => {
  await using db = await freshDatabase()
  await migrateUp(targetOf(db, [table]))
  const holder = await db.sql.reserve()
  await holder`begin`
  await holder`lock table t in access share mode`
  const said: string[] = []
  const limits = { lockTimeoutMs: 50, retries: 1 }
  const target = targetOf(db, [table, alter], { limits, onNotice: (text) => void said.push(text) })
  const { failed } = await migrateUp(target)
  expect(failed?.failure).toMatchObject({ sqlstate: '55P03', location: { file: '2_test.up.sql', line: 1 } })
  expect(said.map((text) => text.replace(/[\d.]+ s /, 'N s '))).toEqual([
    '2_test: canceling statement due to lock timeout; rolled back, tried again in N s (1 of 1)',
  ])
  const patient = migrateUp({ ...target, limits: { lockTimeoutMs: 50, retries: 20 } })
  await sleep(200)
  await holder`commit`
  holder.release()
  expect((await patient).failed).toBeNull()
})

test('a statement runs no longer than the statement timeout; what a script sets for itself holds for that script alone', async () => {
  await using db = await freshDatabase()
  const slow = migrationOf('1', 'select pg_sleep(30);', null)
  const limits = { statementTimeoutMs: 100 }
  expect((await migrateUp(targetOf(db, [slow], { limits }))).failed?.failure.sqlstate).toBe('57014')
  const own = migrationOf(
    '1',
    "set statement_timeout = '1min'; set search_path = nowhere; set role none; select pg_sleep(0.2);",
    null,
  )
  const after = migrationOf(
    '2',
    "create table seen as select name, setting from pg_settings where name in ('lock_timeout', 'search_path', 'statement_timeout')",
    null,
  )
  expect((await migrateUp(targetOf(db, [own, after], { limits }))).failed).toBeNull()
  expect([...(await db.sql`select * from seen order by name`)]).toEqual([
    { name: 'lock_timeout', setting: '5000' },
    { name: 'search_path', setting: 'public' },
    { name: 'statement_timeout', setting: '100' },
  ])
})

test('a concurrent index is built while seven runners wait, and while an old transaction is longer open than the lock timeout', async () => {
  await using db = await freshDatabase()
  const index = migrationOf('2', '-- landfall: no-transaction\ncreate index concurrently t_n on t (n);', null)
  await migrateUp(targetOf(db, [table]))
  const old = await db.sql.reserve()
  await old`begin isolation level repeatable read`
  await old`select from t`
  const target = targetOf(db, [table, index], { limits: { lockTimeoutMs: 50 } })
  const runs = Array.from({ length: 8 }, () => migrateUp(target))
  await sleep(500)
  await old`commit`
  old.release()
  const outcomes = await Promise.all(runs)
  expect(outcomes.flatMap(({ done, failed }) => [...done.map(({ version }) => version), failed])).toEqual(
    expect.arrayContaining(['2', null]),
  )
  expect(outcomes.filter(({ failed }) => failed !== null)).toEqual([])
  expect(outcomes.flatMap(({ done }) => done)).toHaveLength(1)
  expect([...(await db.sql`select indisvalid from pg_index where indexrelid = 't_n'::regclass`)]).toEqual([
    { indisvalid: true },
  ])
})

test('a connection that is cut is an error of the environment; nothing of the migration under way stays', async () => {
  await using db = await freshDatabase()
  const slow = migrationOf('2', 'insert into t values (2); select pg_sleep(30) /* cut me */;', null)
  const run = migrateUp(targetOf(db, [table, slow]))
  const cut = async (): Promise<number> =>
    (
      await db.sql`select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`
    ).count
  const end = (async () => {
    while ((await cut()) === 0) await sleep(20)
  })()
  await expect(run).rejects.toMatchObject({ kind: 'environment', code: 'database/connection-lost' })
  await end
  expect(await states(targetOf(db, [table, slow]))).toEqual(['1 applied', '2 pending'])
  expect([...(await db.sql`select n from t`)]).toEqual([])
})

test('a connection that is cut between two migrations takes the lock with it: nothing runs on another one', async () => {
  await using db = await freshDatabase()
  const target = targetOf(db, [table])
  await migrateUp(target)
  const run = locked(target, async (session) => {
    const [own] = await session.sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    await db.sql`select pg_terminate_backend(${own!.pid}, 5000)`
    await sleep(50)
    return applyUp(session, alter, null)
  })
  await expect(run).rejects.toMatchObject({ kind: 'environment', code: 'database/connection-lost' })
  expect(await states(targetOf(db, [table, alter]))).toEqual(['1 applied', '2 pending'])
})

test('a lock that is lost is noticed before anything runs', async () => {
  await using db = await freshDatabase()
  const run = locked(targetOf(db, [table]), async (session) => {
    await session.sql`select pg_advisory_unlock_all()`
    return applyUp(session, table, null)
  })
  await expect(run).rejects.toMatchObject({ kind: 'environment', code: 'migrations/lock-lost' })
  expect([...(await db.sql`select tablename from pg_tables where schemaname = 'public'`)]).toEqual([])
})

test('a connection lives as long as the work, however old that makes it', async () => {
  await using db = await freshDatabase()
  const slow = migrationOf('3', 'select pg_sleep(0.2); select pg_sleep(0.2); select pg_sleep(0.2);', null)
  process.env['PGMAX_LIFETIME'] = '0.3' // postgres.js' own limit is half an hour and more
  try {
    expect((await migrateUp(targetOf(db, [table, slow, alter]))).failed).toBeNull()
  } finally {
    delete process.env['PGMAX_LIFETIME']
  }
})
