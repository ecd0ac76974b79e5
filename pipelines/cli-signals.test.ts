import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { expect, inject, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { soundProject, type Running } from '../fixtures/project.ts'

const slow = { 'sql/0002_slow.up.sql': 'select pg_sleep(60);', 'sql/0002_slow.down.sql': 'select 1;' }

/** Until a backend of the server is inside `pg_sleep`, in a database that `matches`. */
async function asleep(matches: RegExp): Promise<string> {
  const admin = postgres(inject('serverUrl'), { max: 1 })
  try {
    for (let tries = 0; tries < 300; tries++) {
      const rows = await admin`select datname from pg_stat_activity where wait_event = 'PgSleep'`
      const database = rows.map(({ datname }) => String(datname)).find((name) => matches.test(name))
      if (database) return database
      await sleep(50)
    }
    throw new Error('nothing sleeps on the server')
  } finally {
    await admin.end()
  }
}

async function leftOf(database: string): Promise<unknown> {
  const admin = postgres(inject('serverUrl'), { max: 1 })
  const prefix = database.replace(/_\d+$/, '')
  const rows = await admin`
    select datname as name from pg_database where starts_with(datname, ${prefix})
    union all select rolname from pg_roles where starts_with(rolname, ${prefix})`
  await admin.end()
  return [...rows]
}

async function interrupted(
  running: Running,
  signal: NodeJS.Signals,
): Promise<{ code: number | null; ms: number; last: string }> {
  const start = performance.now()
  running.child.kill(signal)
  const { code, stderr } = await running.ended
  return { code, ms: performance.now() - start, last: stderr.trim().split('\n').at(-1)! }
}

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s in the middle of a replay ends at once with its own code, the report written, everything gone',
  async ([signal, code]) => {
    await using project = await soundProject(slow)
    const running = project.start(['gate', '--report', 'json=report.json'])
    const database = await asleep(/^landfall_/)
    const stop = await interrupted(running, signal)
    expect(stop).toMatchObject({ code, last: `stopped by ${signal}: everything that landfall started is gone` })
    expect(stop.ms).toBeLessThan(5000)
    expect(await project.report()).toMatchObject({ verdict: 'error', exitCode: code, postgres: { provider: 'server' } })
    expect(await leftOf(database)).toEqual([])
  },
)

test('Ctrl-C while a migration runs cancels it on the server; what was committed stays, and the history says so', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject(slow)
  const running = project.start(['migrate', 'up', '--database-url', db.url])
  await asleep(new RegExp(new URL(db.url).pathname.slice(1)))
  const stop = await interrupted(running, 'SIGINT')
  expect(stop.code).toBe(130)
  expect(stop.ms).toBeLessThan(5000)
  const [{ count }] = (await db.sql`
    select count(*)::int from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`) as [
    { count: number },
  ]
  expect(count).toBe(0)
  expect([...(await db.sql`select version::text, state from landfall.migration where system = 'app'`)]).toEqual([
    { version: '1', state: 'applied' },
  ])
})
