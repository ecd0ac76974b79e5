import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario, type Scenario } from '../../fixtures/backfills/scenario.ts'
import { defineBackfill } from '../define.ts'
import { rollbackRun } from '../rollback.ts'
import { runBackfill, type RunOutcome } from '../run.ts'
import type { Run } from '../run-state.ts'
import { ndjson } from '../sources/ndjson.ts'
import { statusOf } from '../status.ts'
import { stopBackfill } from '../stop.ts'
import { signalNames, type SignalName, type ThrottleLimits } from './signals.ts'

const DDL = `create table items (id integer primary key, n integer not null default 0); create table other (id integer)`
const RECORDS = 3000
const job = defineBackfill({
  name: 'app/items',
  from: ndjson('items.ndjson'),
  schema: z.object({ id: z.int() }),
  into: 'items',
  map: ({ id }) => ({ id, n: 1 }),
  onConflict: 'update',
})
const batch = { rows: 500, bytes: 1e6, ms: 1e6 }

const only = (name: SignalName, limit: number): ThrottleLimits => ({
  ...(Object.fromEntries(signalNames.map((each) => [each, null])) as unknown as ThrottleLimits),
  [name]: limit,
})

async function items(ddl = DDL): Promise<Scenario> {
  const s = await scenario(ddl)
  await s.write('items.ndjson', Array.from({ length: RECORDS }, (_, id) => `{"id":${id}}\n`).join(''))
  return s
}

/** The run as the ledger has it, as soon as it says that it waits. */
async function waiting(s: Scenario): Promise<Run> {
  for (;;) {
    const [run] = await statusOf(s)
    if (run?.reason != null) return run
    if (run !== undefined && run.state !== 'running') throw new Error(`the run is ${run.state}`)
    await sleep(20)
  }
}

/** Starts a run under pressure, and answers it as it waits, and as it ends when the pressure is gone. */
async function heldUp(
  s: Scenario,
  throttle: ThrottleLimits,
  release: () => Promise<unknown>,
): Promise<{ held: Run; outcome: RunOutcome }> {
  const running = runBackfill({ ...s.at(job), batch, throttle })
  const held = await waiting(s)
  await sleep(700)
  await release()
  return { held, outcome: await running }
}

const carried = { error: null, run: { state: 'done', read: RECORDS, written: RECORDS, reason: null } }

test('a run waits for sessions that wait for locks, says so, and puts every second on record', async () => {
  await using s = await items()
  const holder = await s.sql.reserve()
  await holder`begin`
  await holder`lock table other`
  const waiter = s.sql`select from other`.execute()
  const { held, outcome } = await heldUp(s, only('lock-waiters', 0), () => holder`commit`)
  holder.release()
  await waiter
  expect(held).toMatchObject({
    state: 'running',
    read: 0,
    reason: 'throttled: 1 sessions wait for locks, the limit is 0',
  })
  expect(outcome).toMatchObject(carried)
  const { waits, durationMs } = outcome.run
  expect(Object.keys(waits)).toEqual(['lock-waiters'])
  expect(waits['lock-waiters']).toBeGreaterThan(600)
  expect(waits['lock-waiters']).toBeLessThan(durationMs)
})

test('a run waits for a transaction that is open for long, and names it', async () => {
  await using s = await items()
  const holder = await s.sql.reserve()
  await holder`begin`
  const [{ pid }] = (await holder`select pg_backend_pid() as pid`) as unknown as [{ pid: number }]
  await sleep(150)
  const { held, outcome } = await heldUp(s, only('long-transaction', 0.1), () => holder`commit`)
  holder.release()
  expect(held.reason).toMatch(
    new RegExp(`^throttled: a transaction is open: [\\d.]+ s, the limit is 0.1 s \\(pid ${pid}\\)$`),
  )
  expect(outcome).toMatchObject(carried)
  expect(Object.keys(outcome.run.waits)).toEqual(['long-transaction'])
})

test('a run waits for WAL that a replication slot holds back', async () => {
  await using s = await items()
  const slot = `slot_of_${process.pid}`
  const superuser = postgres(s.superuserUrl, { max: 1 })
  await superuser`select pg_create_physical_replication_slot(${slot}, true)`
  await s.sql`insert into other select generate_series(1, 100000)`
  const { held, outcome } = await heldUp(
    s,
    only('wal-backlog', 1024 * 1024),
    () => superuser`select pg_drop_replication_slot(${slot})`,
  )
  await superuser.end()
  expect(held.reason).toMatch(
    /^throttled: WAL that waits for the archive or a replication slot: \d+ MB, the limit is 1 MB/,
  )
  expect(held.reason).toContain(`(slot ${slot})`)
  expect(outcome).toMatchObject(carried)
  expect(Object.keys(outcome.run.waits)).toEqual(['wal-backlog'])
})

test('sessions that the run itself blocks get their turn, and the batches become smaller', async () => {
  await using s = await items(`${DDL};
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.7); return null; end $$;
    create trigger slow after update on items for each statement execute function slow();
    insert into items select generate_series(0, ${RECORDS - 1})`)
  const sizes: number[] = []
  let last = 0
  const running = runBackfill({
    ...s.at(job),
    batch: { rows: 600, bytes: 1e6, ms: 1e6 },
    throttle: only('blocked-sessions', 0),
    onProgress({ read }) {
      if (read > last) sizes.push(read - last)
      last = read
    },
  })
  const over = new AbortController()
  const writer = (async () => {
    while (!over.signal.aborted) {
      await s.sql`update items set n = n where id = 0`.catch(() => {})
      await s.sql`update items set n = n where id = ${Math.min(RECORDS - 1, last)}`.catch(() => {})
    }
  })()
  const { run, error } = await running
  over.abort()
  await writer
  expect({ error, state: run.state, read: run.read }).toEqual({ error: null, state: 'done', read: RECORDS })
  expect(run.waits['blocked-sessions']).toBeGreaterThan(0)
  expect(Math.min(...sizes)).toBeLessThanOrEqual(300)
})

test('what may not be seen slows a run down, and is said', async () => {
  await using s = await items()
  const superuser = postgres(s.superuserUrl, { max: 1 })
  await superuser`select 1` // a session that the run's role may not look into
  let said: string | null = null
  const { run, error } = await runBackfill({
    ...s.at(job),
    batch,
    throttle: only('long-transaction', 600),
    onProgress: ({ reason }) => (said = reason ?? said),
  })
  expect({ error, state: run.state, waits: Object.keys(run.waits) }).toEqual({
    error: null,
    state: 'done',
    waits: ['not-available'],
  })
  expect(said).toBe(
    'slowed down: not available: long-transaction (this role may not see other sessions: grant it pg_read_all_stats)',
  )

  await superuser`revoke select on pg_locks from public`
  const again = await runBackfill({
    ...s.at(job),
    batch,
    mode: 'again',
    throttle: { ...only('lock-waiters', 3), 'wal-backlog': 1e12 },
    onProgress: ({ reason }) => (said = reason ?? said),
  })
  await superuser.end()
  expect(again).toMatchObject({ error: null, run: { state: 'done', existing: RECORDS } })
  expect(Object.keys(again.run.waits)).toEqual(['not-available'])
  expect(said).toBe('slowed down: not available: lock-waiters (permission denied for view pg_locks)')
})

test('a run that waits is paused, or interrupted, within a second', async () => {
  await using s = await items()
  const holder = await s.sql.reserve()
  await holder`begin`
  await holder`select 1`
  await sleep(20)
  const throttle = only('long-transaction', 0.01)
  const running = runBackfill({ ...s.at(job), batch, throttle })
  await waiting(s)
  let begun = performance.now()
  await stopBackfill(s, { system: 'app', name: job.name }, 'paused')
  expect(await running).toMatchObject({ error: { kind: 'stopped' }, run: { state: 'paused', read: 0 } })
  expect(performance.now() - begun).toBeLessThan(1000)

  const interrupt = new AbortController()
  const resumed = runBackfill({ ...s.at(job), batch, throttle, signal: interrupt.signal })
  await waiting(s)
  begun = performance.now()
  interrupt.abort()
  expect(await resumed).toMatchObject({ error: { code: 'backfills/interrupted' }, run: { state: 'paused', read: 0 } })
  expect(performance.now() - begun).toBeLessThan(1000)
  await holder`commit`
  holder.release()
  expect(await runBackfill({ ...s.at(job), batch, throttle: null })).toMatchObject(carried)
})

test('a rollback waits as a run does, says so, and a signal ends its waiting', async () => {
  await using s = await items()
  const { run } = await runBackfill({ ...s.at(job), batch, throttle: null })
  const holder = await s.sql.reserve()
  await holder`begin`
  await holder`lock table other`
  const waiter = s.sql`select from other`.execute()
  const said: (string | null)[] = []
  const stop = new AbortController()
  const undo = { ...s, run: run.id, laterWrites: 'refuse', throttle: only('lock-waiters', 0) } as const
  const undoing = rollbackRun({ ...undo, signal: stop.signal, onWait: (reason) => said.push(reason) })
  await expect.poll(() => said.length).toBeGreaterThan(1)
  stop.abort()
  await expect(undoing).rejects.toMatchObject({ kind: 'stopped', code: 'backfills/interrupted' })
  expect(said[0]).toBe('throttled: 1 sessions wait for locks, the limit is 0')
  expect((await s.sql`select from items`).length).toBe(RECORDS)
  await holder`commit`
  holder.release()
  await waiter
  const { run: undone } = await rollbackRun(undo)
  expect(undone).toMatchObject({ state: 'rolled-back', waits: { 'lock-waiters': expect.any(Number) } })
  expect(await s.sql`select from items`).toEqual([])
})
