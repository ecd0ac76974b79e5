import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { defineBackfill } from './define.ts'
import { isBeyond, parseRejectLimit } from './reject-limit.ts'
import { runBackfill } from './run.ts'
import { store } from './sources/store.ts'

test('a limit is a number of records, or a share of those that were read', () => {
  expect(['0', '12', '1%', '1.50%', '100%'].map(parseRejectLimit)).toEqual([0, 12, '1%', '1.5%', '100%'])
  for (const wrong of ['', '-1', '1.5', 'ten', '101%', '%', '1 %', '1e3'])
    expect(() => parseRejectLimit(wrong)).toThrow(`--max-rejects ${wrong} is not a number of records`)
})

test('a share is not judged by the first few records, but it is by all there are', () => {
  expect(isBeyond('1%', { read: 10, rejected: 5 })).toBe(false)
  expect(isBeyond('1%', { read: 10, rejected: 5 }, true)).toBe(true)
  expect(isBeyond('1%', { read: 2_000, rejected: 20 })).toBe(false)
  expect(isBeyond('1%', { read: 2_000, rejected: 21 })).toBe(true)
  expect(isBeyond(null, { read: 1, rejected: 1 }, true)).toBe(false)
})

test('a run within its share of rejects finishes, and one beyond it stops or is undone', async () => {
  await using s = await scenario('create table tasks (id integer primary key)')
  const records = Array.from({ length: 100 }, (_, id) => ({ id: id < 10 ? 'x' : id }))
  const job = defineBackfill({
    name: 'app/tasks',
    from: store('tasks', () => records),
    schema: z.object({ id: z.number() }),
    into: 'tasks',
  })
  const stopped = await runBackfill({ ...s.at(job), limits: { maxRejects: '9%', onRejectLimit: 'stop' } })
  expect(stopped.error).toMatchObject({ code: 'backfills/reject-limit', fields: { rejected: 10, limit: '9%' } })
  expect(stopped.run).toMatchObject({ state: 'failed', read: 100, written: 90, rejected: 10 })
  const within = await runBackfill({ ...s.at(job), limits: { maxRejects: '10%', onRejectLimit: 'stop' } })
  expect(within).toMatchObject({ error: null, run: { id: stopped.run.id, state: 'done' } })
  await s.sql`truncate tasks`
  const undone = await runBackfill({
    ...s.at(job),
    mode: 'again',
    limits: { maxRejects: '9%', onRejectLimit: 'rollback' },
  })
  expect(undone).toMatchObject({ error: { code: 'backfills/reject-limit' }, run: { state: 'rolled-back' } })
  expect(await s.sql`select * from tasks`).toEqual([])
})
