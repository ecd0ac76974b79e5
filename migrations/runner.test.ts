import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freshDatabase, testDatabases, type FreshDatabase } from '../fixtures/database.ts'
import { runnerProcess } from '../fixtures/killed-runner.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { checksumOf } from './history.ts'
import type { Migration } from './migration.ts'
import { proveSystem } from './prove.ts'
import { landfallMigrations } from './install.ts'
import { migrateDown, migrateStatus, migrateUp, type Target } from './runner.ts'

const three = [
  migrationOf('1', 'create table a (n int);', 'drop table a;'),
  migrationOf('2', 'insert into a values (2);', 'delete from a where n = 2;'),
  migrationOf('10', 'insert into a values (10);', 'delete from a where n = 10;'),
]

const targetOf = (
  { url }: FreshDatabase,
  migrations: readonly Migration[] = three,
  rest: Partial<Target> = {},
): Target => ({
  url,
  system: 'app',
  schema: 'public',
  migrations,
  lockWaitMs: 0,
  ...rest,
})
const states = async (target: Target): Promise<string[]> =>
  (await migrateStatus(target)).map(({ version, state }) => `${version} ${state}`)
const numbers = async ({ sql }: FreshDatabase): Promise<number[]> =>
  (await sql<{ n: number }[]>`select n from a order by n`).map(({ n }) => n)

test('up applies in the order of numbers, up to a version; down reverts the newest, a number of them or to a version', async () => {
  await using db = await freshDatabase()
  const target = targetOf(db)
  const events: string[] = []
  const heard = {
    ...target,
    onEvent: ({ direction, version }: { direction: string; version: string }) =>
      void events.push(`${direction} ${version}`),
  }
  await migrateUp(heard, { to: '2' })
  expect(await states(target)).toEqual(['1 applied', '2 applied', '10 pending'])
  await migrateUp(heard)
  await migrateUp(heard)
  expect(await numbers(db)).toEqual([2, 10])
  await migrateDown(heard, { count: 1 })
  expect(await numbers(db)).toEqual([2])
  await migrateDown(heard, { to: '0' })
  expect(events).toEqual(['up 1', 'up 2', 'up 10', 'down 10', 'down 2', 'down 1'])
  expect(await states(target)).toEqual(['1 pending', '2 pending', '10 pending'])
  await expect(migrateUp(target, { to: '7' })).rejects.toMatchObject({
    code: 'migrations/unknown-version',
    kind: 'usage',
  })
})

test('the history holds what is needed to go back when the files are gone', async () => {
  await using db = await freshDatabase()
  await migrateUp(targetOf(db))
  const rows = await db.sql`
    select version, name, state, up_checksum, down_sql, transaction from landfall.migration where system = 'app' order by applied_at`
  expect([...rows]).toEqual(
    three.map(({ version, name, up, down }) => ({
      version,
      name,
      state: 'applied',
      up_checksum: checksumOf(up),
      down_sql: down!.sql,
      transaction: true,
    })),
  )
  const fewer = targetOf(db, three.slice(0, 2))
  expect(await states(fewer)).toEqual(['1 applied', '2 applied', '10 missing'])
  await expect(migrateUp(fewer)).rejects.toMatchObject({ code: 'migrations/missing', kind: 'findings' })
  await migrateDown(fewer, { count: 1 })
  expect(await numbers(db)).toEqual([2])
  const edited = targetOf(db, [three[0]!, migrationOf('2', 'insert into a values (3);', null), three[2]!])
  expect(await states(edited)).toEqual(['1 applied', '2 changed', '10 pending'])
  await expect(migrateUp(edited)).rejects.toMatchObject({ code: 'migrations/changed', kind: 'findings' })
})

test('a failure ends the run with its line; what was done before is committed and listed', async () => {
  await using db = await freshDatabase()
  const bad = migrationOf('2', 'insert into a values (1);\ninsert into nowhere values (1);', 'select 1;')
  const { done, failed } = await migrateUp(targetOf(db, [three[0]!, bad, three[2]!]))
  expect(done.map(({ version }) => version)).toEqual(['1'])
  expect(failed).toMatchObject({
    migration: { version: '2' },
    failure: { message: 'relation "nowhere" does not exist', location: { file: '2_test.up.sql', line: 2 } },
  })
  expect(await numbers(db)).toEqual([])
  expect(await states(targetOf(db, [three[0]!, bad]))).toEqual(['1 applied', '2 pending'])
})

test.for([
  ['that says no-transaction', '-- landfall: no-transaction\n'],
  ['that commits by itself', 'begin; commit;\n'],
])('a script %s is interrupted when it fails, and the corrected script may run again', async ([, head]) => {
  await using db = await freshDatabase()
  const bad = migrationOf('2', `${head}create index concurrently a_n on a (n);\nselect nothing;`, 'drop index a_n;')
  await migrateUp(targetOf(db, [three[0]!, bad]))
  expect(await states(targetOf(db, [three[0]!, bad]))).toEqual(['1 applied', '2 interrupted'])
  const good = migrationOf('2', `${head}create index concurrently if not exists a_n on a (n);`, 'drop index a_n;')
  expect((await migrateUp(targetOf(db, [three[0]!, good]))).failed).toBeNull()
  expect(await states(targetOf(db, [three[0]!, good]))).toEqual(['1 applied', '2 applied'])
})

test('eight runners at once, of two systems, apply each migration exactly once', async () => {
  await using db = await freshDatabase()
  const other = [migrationOf('1', 'create table b (n int); insert into b values (1);', 'drop table b;')]
  const runs = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      migrateUp(
        n % 2 === 0
          ? targetOf(db, three, { lockWaitMs: 30_000 })
          : targetOf(db, other, { system: 'other', lockWaitMs: 30_000 }),
      ),
    ),
  )
  expect(
    runs
      .flatMap(({ done, failed }) => (failed ? [failed.failure.message] : done.map(({ version }) => version)))
      .toSorted(),
  ).toEqual(['1', '1', '10', '2'])
  expect(await numbers(db)).toEqual([2, 10])
})

test('a runner that is killed in the middle leaves history and catalog agreeing', async () => {
  await using db = await freshDatabase()
  const migrations = [
    three[0]!,
    ...Array.from({ length: 40 }, (_, n) =>
      migrationOf(String(n + 2), `create table t${n + 2} (); select pg_sleep(0.02);`, `drop table t${n + 2};`),
    ),
  ]
  const target = targetOf(db, migrations, { lockWaitMs: 30_000 })
  const child = runnerProcess(target)
  await once(child.stdout!, 'data')
  await sleep(100 + Math.random() * 200)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const applied = (await states(target)).filter((state) => state.endsWith('applied')).length
  const [{ tables }] = (await db.sql`select count(*)::int as tables from pg_tables where schemaname = 'public'`) as [
    { tables: number },
  ]
  expect(applied).toBe(tables)
  expect(applied).toBeGreaterThan(0)
  expect(applied).toBeLessThan(migrations.length)
  expect((await migrateUp(target)).failed).toBeNull()
  expect(new Set((await states(target)).map((state) => state.split(' ')[1]))).toEqual(new Set(['applied']))
})

test("landfall's own migrations pass landfall's own proof", async () => {
  await using databases = await testDatabases()
  const { proofs, complete } = await proveSystem({
    databases,
    migrations: await landfallMigrations(),
    schema: 'public',
    prelude: null,
    root: fileURLToPath(new URL('.', import.meta.url)),
  })
  expect(complete).toBe(true)
  expect(proofs.map(({ state, reversible, difference }) => [state, reversible, difference])).toEqual(
    proofs.map(() => ['proven', true, 'none']),
  )
})
