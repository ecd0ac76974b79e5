import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { defineBackfill } from './define.ts'
import { finalizeRun } from './finalize.ts'
import { historyOf } from './history.ts'
import { discardRejects } from './rejects.ts'
import { retryRejects } from './retry.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill } from './run.ts'
import { store } from './sources/store.ts'
import { verifyRun } from './verify.ts'

const DDL = 'create table tasks (id integer primary key)'
const filter = { system: 'app', name: 'app/tasks' }
const ada = { actor: 'ada', why: 'ticket 12' }
const jobOf = (records: readonly unknown[]) =>
  defineBackfill({
    name: 'app/tasks',
    from: store('tasks', () => records),
    schema: z.object({ id: z.number() }),
    into: 'tasks',
    onConflict: 'skip',
  })
const limits = { maxRejects: '50%', onRejectLimit: 'stop' } as const

test('only a run that is done, verified and without open rejects is finalized; it stays in the history', async () => {
  await using s = await scenario(DDL)
  const job = jobOf([{ id: 1 }, { id: 2 }, { id: 'x' }])
  await expect(finalizeRun(s, filter)).rejects.toMatchObject({ kind: 'usage', code: 'backfills/no-run' })
  await runBackfill({ ...s.at(job), signal: AbortSignal.abort() })
  await expect(finalizeRun(s, filter)).rejects.toMatchObject({ kind: 'stopped', code: 'backfills/not-finished' })
  const code = { hash: 'abc', commit: 'def+' }
  const { run } = await runBackfill({ ...s.at(job), limits, operator: ada })
  await expect(finalizeRun(s, filter)).rejects.toMatchObject({ kind: 'findings', code: 'backfills/rejects-open' })
  await discardRejects(s, filter, {}, ada)
  await expect(finalizeRun(s, filter)).rejects.toMatchObject({ kind: 'findings', code: 'backfills/not-verified' })
  await verifyRun({ ...s.at(job), operator: ada })
  expect(await finalizeRun(s, filter, { check: true })).toMatchObject({ state: 'verified' })
  expect((await s.sql`select from landfall.backfill_batch`).length).toBeGreaterThan(0)
  for (let times = 0; times < 2; times += 1)
    expect(await finalizeRun(s, filter, { operator: ada })).toMatchObject({ id: run.id, state: 'verified' })
  expect(await s.sql`select from landfall.backfill_batch`).toEqual([])
  await expect(rollbackRun({ ...s, run: run.id, laterWrites: 'force' })).rejects.toMatchObject({
    kind: 'refused',
    code: 'backfills/finalized',
  })
  await expect(verifyRun(s.at(job))).rejects.toMatchObject({ kind: 'usage', code: 'backfills/finalized' })
  await expect(retryRejects({ ...s.at(job), run: run.id })).rejects.toMatchObject({ code: 'backfills/finalized' })
  expect(await s.sql`select * from tasks order by id`).toEqual([{ id: 1 }, { id: 2 }])

  await runBackfill({ ...s.at(job), mode: 'again', limits, operator: ada, code })
  const [again, first] = await historyOf(s, filter)
  expect(again).toMatchObject({ written: 0, existing: 2, actor: 'ada', why: 'ticket 12', code })
  expect(first).toMatchObject({
    id: run.id,
    state: 'verified',
    read: 3,
    written: 2,
    rejected: 1,
    limits,
    source: { kind: 'store', label: 'tasks', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    specHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    fingerprints: [{ table: 'tasks', inserted: 2, updated: 0, sum: expect.stringMatching(/^-?\d+$/) }],
    rejects: { open: 0, carried: 0, discarded: 1 },
    finalizedAt: expect.stringMatching(/Z$/),
    serverVersion: expect.stringMatching(/^\d+/),
  })
  expect(first!.events.map(({ kind, actor, why }) => [kind, actor === 'ada' ? why : 'somebody else'])).toEqual([
    ['started', 'somebody else'],
    ['paused', 'somebody else'],
    ['resumed', 'ticket 12'],
    ['done', null],
    ['rejects-discarded', 'ticket 12'],
    ['verified', 'ticket 12'],
    ['verification', 'ticket 12'],
    ['finalized', 'ticket 12'],
  ])
})

test('what a run left has one fingerprint, however its batches were cut', async () => {
  const sums: unknown[] = []
  for (const rows of [1, 7, 100]) {
    await using s = await scenario(DDL)
    const job = jobOf(Array.from({ length: 20 }, (_, id) => ({ id })))
    await runBackfill({ ...s.at(job), batch: { rows, bytes: 1e6, ms: 1e6 } })
    sums.push((await historyOf(s, filter))[0]!.fingerprints)
  }
  expect(sums).toEqual([sums[0], sums[0], sums[0]])
})

test('a run is not finalized before an older one of the same table', async () => {
  await using s = await scenario(DDL)
  const older = await runBackfill(s.at(jobOf([{ id: 1 }])))
  const newer = await runBackfill({ ...s.at(jobOf([{ id: 1 }, { id: 2 }])), mode: 'again' })
  for (const { run } of [older, newer])
    await s.sql`update landfall.backfill_run set state = 'verified' where id = ${run.id}`
  await expect(finalizeRun(s, filter)).rejects.toMatchObject({
    code: 'backfills/not-the-oldest',
    next: expect.stringContaining(older.run.id),
  })
  await finalizeRun(s, { ...filter, name: older.run.id })
  expect(await finalizeRun(s, filter)).toMatchObject({ id: newer.run.id })
})
