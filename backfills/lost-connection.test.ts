import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { defineBackfill } from './define.ts'
import { finalizeRun } from './finalize.ts'
import { discardRejects } from './rejects.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill } from './run.ts'
import { store } from './sources/store.ts'
import { verifyRun } from './verify.ts'

const filter = { system: 'app', name: 'app/tasks' }
const job = defineBackfill({
  name: 'app/tasks',
  from: store('tasks', () => [{ id: 1 }, { id: 2 }, { id: 'x' }, { id: 4 }]),
  schema: z.object({ id: z.number() }),
  into: 'tasks',
})
const batch = { rows: 2, bytes: 1e6, ms: 1e6 }
const limits = { maxRejects: 1, onRejectLimit: 'stop' } as const
const lost = { kind: 'environment', code: 'backfills/cannot-connect' }

type Scenario = Awaited<ReturnType<typeof scenario>>

/** Whoever does that to that table has the connection cut, in the middle of the transaction. */
async function cutting<T>(s: Scenario, what: string, table: string, work: () => Promise<T>): Promise<void> {
  await s.sql
    .unsafe(`create function cut() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create trigger cut after ${what} on ${table} for each statement execute function cut()`)
  await expect(work()).rejects.toMatchObject(lost)
  await s.sql.unsafe('drop function cut cascade')
}

test('a rollback whose connection is cut is an environment error; nothing of its batch is undone, and it goes on', async () => {
  await using s = await scenario('create table tasks (id integer primary key)')
  const { run } = await runBackfill({ ...s.at(job), batch, limits })
  const options = { ...s, run: run.id, laterWrites: 'refuse' } as const
  await cutting(s, 'update', 'landfall.backfill_batch', () => rollbackRun(options))
  expect(await s.sql`select id from tasks order by id`).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }])
  expect(await s.sql`select state from landfall.backfill_run`).toEqual([{ state: 'rolling-back' }])
  await expect.poll(() => rollbackRun(options).catch((error: unknown) => error)).toMatchObject({ undone: 3 })
  expect(await s.sql`select id from tasks`).toEqual([])
})

test('rejects are discarded, and a run is finalized, wholly or not at all when the connection is cut', async () => {
  await using s = await scenario('create table tasks (id integer primary key)')
  await runBackfill({ ...s.at(job), batch, limits })
  await cutting(s, 'insert', 'landfall.backfill_event', () => discardRejects(s, filter))
  expect(await s.sql`select settled from landfall.backfill_reject`).toEqual([{ settled: null }])
  expect(await discardRejects(s, filter)).toMatchObject({ discarded: 1 })
  await verifyRun(s.at(job))
  await cutting(s, 'delete', 'landfall.backfill_batch', () => finalizeRun(s, filter))
  expect(await s.sql`select finalized_at from landfall.backfill_run`).toEqual([{ finalized_at: null }])
  expect((await s.sql`select from landfall.backfill_batch`).length).toBe(2)
  await expect.poll(() => finalizeRun(s, filter).catch((error: unknown) => error)).toMatchObject({ state: 'verified' })
})

test('a run whose connection is cut while it is put on record leaves none', async () => {
  await using s = await scenario('create table tasks (id integer primary key)')
  await runBackfill({ ...s.at(job), limits }) // the tables of landfall
  await cutting(s, 'insert', 'landfall.backfill_event', () => runBackfill({ ...s.at(job), limits, mode: 'again' }))
  expect((await s.sql`select from landfall.backfill_run`).length).toBe(1)
})
