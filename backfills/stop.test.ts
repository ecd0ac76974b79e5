import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario, type Scenario } from '../fixtures/backfills/scenario.ts'
import { defineBackfill } from './define.ts'
import { runBackfill, type RunOptions } from './run.ts'
import { store } from './sources/store.ts'
import { statusOf } from './status.ts'
import { stopBackfill } from './stop.ts'
import { LandfallError } from '../migrations/error.ts'

const DDL = 'create table tasks (id integer primary key)'
const filter = { system: 'app', name: 'app/tasks' }
const identity = async () => ({ kind: 'store', label: 'tasks', hash: '0', size: null, modifiedAt: null })
const jobOf = (read: () => AsyncIterable<unknown> | Iterable<unknown>) =>
  defineBackfill({
    name: 'app/tasks',
    from: { ...store('tasks', read), identity },
    schema: z.object({ id: z.number() }),
    into: 'tasks',
  })
const ten = Array.from({ length: 10 }, (_, id) => ({ id }))
const batch = { rows: 2, bytes: 1e6, ms: 1e6 }

const never = () => new Promise<never>(() => {})
/** Five records, and then nothing any more. */
const stuckJob = () => {
  const source = store('tasks', () => ten)
  return defineBackfill({
    name: 'app/tasks',
    from: {
      ...source,
      identity,
      async *read(place, after) {
        for await (const items of source.read(place, after ?? null)) yield items.slice(0, 5)
        await never()
      },
    },
    schema: z.object({ id: z.number() }),
    into: 'tasks',
  })
}

/** A session that has `id` 4 inserted and does not commit: a batch that brings the same waits for it. */
async function withLockedRow<T>(s: Scenario, work: () => Promise<T>): Promise<T> {
  const other = await s.sql.reserve()
  try {
    await other`begin`
    await other`insert into tasks values (4)`
    return await work()
  } finally {
    await other`rollback`
    other.release()
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries += 1) {
    if (tries > 200) throw new Error('it never came to that')
    await sleep(25)
  }
}
const readIs = (s: Scenario, n: number) => () => statusOf(s, filter).then(([run]) => run?.read === n)
const waitsForLock = (s: Scenario) => async () =>
  (
    await s.sql`select from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'landfall backfill' and datname = current_database()`
  ).length > 0

test.for(['paused', 'cancelled'] as const)('a run whose source is slow is %s at once', async (to) => {
  await using s = await scenario(DDL)
  const running = runBackfill({ ...s.at(stuckJob()), batch })
  await until(readIs(s, 4))
  expect(await stopBackfill(s, filter, to, { actor: 'ada', why: 'lunch' })).toMatchObject({ state: to, read: 4 })
  const { run, error } = await running
  expect(error).toMatchObject({ kind: 'stopped', code: `backfills/${to}`, next: 'landfall backfill resume app/tasks' })
  expect(run).toMatchObject({ state: to, read: 4, written: 4, reason: `${to} by the operator: lunch` })
  expect(await s.sql`select count(*)::int as n from tasks`).toEqual([{ n: 4 }])
  const resumed = await runBackfill({ ...s.at(jobOf(() => ten)), mode: 'resume', batch })
  expect(resumed.run).toMatchObject({ id: run.id, state: 'done', read: 10, written: 10 })
})

test('a run whose batch waits for a lock is paused within a second, and nothing of the batch is there', async () => {
  await using s = await scenario(DDL)
  await withLockedRow(s, async () => {
    const running = runBackfill({ ...s.at(jobOf(() => ten)), batch })
    await until(waitsForLock(s))
    const begun = performance.now()
    expect(await stopBackfill(s, filter, 'paused')).toMatchObject({ state: 'paused', read: 4 })
    expect((await running).error).toMatchObject({ kind: 'stopped', code: 'backfills/paused' })
    expect(performance.now() - begun).toBeLessThan(5_000) // the lock alone is waited for for ten
    expect(await s.sql`select count(*)::int as n from tasks`).toEqual([{ n: 4 }])
  })
  expect((await runBackfill({ ...s.at(jobOf(() => ten)), batch })).run).toMatchObject({ state: 'done', written: 10 })
})

test('a run is paused though the process that has it hangs in the middle of a batch', async () => {
  await using s = await scenario(DDL)
  await runBackfill({ ...s.at(jobOf(() => ten)), signal: AbortSignal.abort() })
  const hanging = await s.sql.reserve()
  try {
    await s.sql`update landfall.backfill_run set state = 'running'`
    await hanging`begin`
    await hanging`update landfall.backfill_run set next_seq = next_seq + 1`
    expect(await stopBackfill(s, filter, 'paused')).toMatchObject({ state: 'paused' })
    await expect(hanging`select 1`).rejects.toBeDefined()
  } finally {
    hanging.release()
  }
})

test('the signal stops a run whose source is slow, and leaves the batch that waits for a lock its time', async () => {
  await using s = await scenario(DDL)
  const stop = new AbortController()
  const running = runBackfill({ ...s.at(stuckJob()), batch, signal: stop.signal })
  await until(readIs(s, 4))
  stop.abort()
  const { run, error } = await running
  expect(error).toMatchObject({ kind: 'stopped', code: 'backfills/interrupted' })
  expect(run).toMatchObject({ state: 'paused', read: 4, next: 'landfall backfill resume app/tasks' })
})

test('the urgent signal cancels the batch too, which is done again on resume', async () => {
  await using s = await scenario(DDL)
  const [stop, urgent] = [new AbortController(), new AbortController()]
  const options: RunOptions = {
    ...s.at(jobOf(() => ten)),
    batch,
    signal: stop.signal,
    urgent: urgent.signal,
  }
  await withLockedRow(s, async () => {
    const running = runBackfill(options)
    await until(waitsForLock(s))
    stop.abort()
    await sleep(300)
    expect(await waitsForLock(s)()).toBe(true) // the first signal waits for the batch
    urgent.abort()
    const { run, error } = await running
    expect(error).toMatchObject({ kind: 'stopped', code: 'backfills/interrupted' })
    expect(run).toMatchObject({ state: 'paused', read: 4, written: 4 })
  })
  expect((await runBackfill({ ...s.at(jobOf(() => ten)), batch })).run).toMatchObject({ state: 'done', written: 10 })
})

test('a time budget pauses the run, and says so', async () => {
  await using s = await scenario(DDL)
  const spent = new LandfallError('stopped', 'backfills/time-budget', 'the time budget of 1 s is used up')
  const { run, error } = await runBackfill({ ...s.at(jobOf(() => ten)), signal: AbortSignal.abort(spent) })
  expect(error).toMatchObject({
    kind: 'stopped',
    code: 'backfills/time-budget',
    message: 'backfill app/tasks was interrupted behind record 0: the time budget of 1 s is used up',
  })
  expect(run.state).toBe('paused')
})
