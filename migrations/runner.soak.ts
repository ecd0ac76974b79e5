import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freshDatabase, type FreshDatabase } from '../fixtures/database.ts'
import { runnerProcess } from '../fixtures/killed-runner.ts'
import { migrationOf } from '../fixtures/migration.ts'
import type { Migration } from './migration.ts'
import { migrateStatus, migrateUp, type Target } from './runner.ts'

const KILLS = 30
const ROUNDS = 63 // of eight runners: some 500 runs

const targetOf = ({ url }: FreshDatabase, migrations: readonly Migration[]): Target => ({
  url,
  system: 'app',
  schema: 'public',
  migrations,
  lockWaitMs: 60_000,
})

// Every third builds an index in nobody's way, and writes a row before and after it.
const migrations = [
  migrationOf('1', 'create table t (n int); insert into t select generate_series(1, 20000);', 'drop table t;'),
  ...Array.from({ length: 30 }, (_, index) => {
    const n = index + 2
    return n % 3 === 0
      ? migrationOf(
          String(n),
          `-- landfall: no-transaction\ninsert into t values (${-n});\ncreate index concurrently t_${n} on t (n);\ninsert into t values (${-n});`,
          null,
        )
      : migrationOf(String(n), `create table t${n} (); insert into t values (${-n}); select pg_sleep(0.01);`, null)
  }),
]

/** Where the history says one thing of a migration, and the catalog and the rows another. */
async function disagreements({ sql }: FreshDatabase, target: Target): Promise<string[]> {
  const counts = await sql<{ n: number; count: number }[]>`
    select -n as n, count(*)::int as count from t where n < 0 group by n`
  const rows = new Map(counts.map(({ n, count }) => [n, count]))
  const made = new Set((await sql<{ name: string }[]>`select relname as name from pg_class`).map(({ name }) => name))
  return (await migrateStatus(target)).slice(1).flatMap(({ version, state }) => {
    const n = Number(version)
    const outside = n % 3 === 0
    const whole = rows.get(n) === (outside ? 2 : 1) && made.has(outside ? `t_${n}` : `t${n}`)
    const nothing = !rows.has(n) && !made.has(`t${n}`) && !made.has(`t_${n}`)
    const agree = state === 'applied' ? whole : state === 'pending' ? nothing : outside && (rows.get(n) ?? 0) <= 2
    return agree ? [] : [`${version} is ${state}, with ${rows.get(n) ?? 0} rows`]
  })
}

test(`a runner killed at ${KILLS} random moments leaves history, catalog and rows agreeing, and the next one goes on`, async () => {
  let kills = 0
  while (kills < KILLS) {
    await using db = await freshDatabase()
    const target = targetOf(db, migrations)
    await migrateUp(target, { to: '1' })
    for (let applied = 0; applied < migrations.length && kills < KILLS; kills++) {
      const child = runnerProcess(target)
      await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
      await sleep(Math.random() * 150)
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      await waitForServer(db)
      expect(await disagreements(db, target)).toEqual([])
      applied = (await migrateStatus(target)).filter(({ state }) => state === 'applied').length
    }
    expect((await migrateUp(target)).failed).toBeNull()
    expect(await disagreements(db, target)).toEqual([])
    expect(new Set((await migrateStatus(target)).map(({ state }) => state))).toEqual(new Set(['applied']))
    expect([...(await db.sql`select from pg_index where not indisvalid`)]).toEqual([])
  }
})

/** Until PostgreSQL has noticed that its client is gone. */
async function waitForServer({ sql }: FreshDatabase): Promise<void> {
  const busy = (): Promise<readonly unknown[]> =>
    sql`select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`
  while ((await busy()).length > 0) await sleep(20)
}

test(`${ROUNDS * 8} runners, eight at a time, with concurrent indexes and cut connections: each migration once, no deadlock`, async () => {
  for (let round = 0; round < ROUNDS; round++) {
    await using db = await freshDatabase()
    const target = targetOf(db, migrations.slice(0, 8))
    const running = Array.from({ length: 8 }, async () => {
      try {
        const { done, failed } = await migrateUp(target)
        return failed === null ? done.map(({ version }) => version) : [`failed: ${failed.failure.message}`]
      } catch (error) {
        return (error as { code?: string }).code === 'database/connection-lost' ? [] : [`threw: ${String(error)}`]
      }
    })
    if (round % 3 === 0) {
      await sleep(Math.random() * 300)
      await db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name = 'landfall'
          and pid in (select pid from pg_locks where locktype = 'advisory')`
    }
    const said = (await Promise.all(running)).flat()
    // A runner that lost its connection says nothing of what it did.
    expect(said.filter((text) => !/^\d+$/.test(text))).toEqual([])
    expect(new Set(said).size).toBe(said.length)
    expect((await migrateUp(target)).failed).toBeNull()
    expect(await disagreements(db, target)).toEqual([])
  }
})
