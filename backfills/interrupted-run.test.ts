import { expect, test } from 'vitest'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { books, sameAlways, small, Task, TASKS, tasksFrom } from '../fixtures/backfills/tasks-job.ts'
import { defineBackfill } from './define.ts'
import { runBackfill } from './run.ts'
import { jsonFile } from './sources/json-file.ts'
import { store } from './sources/store.ts'
import { stopBackfill } from './stop.ts'

test('a signal pauses the run behind the batch at hand, and resume takes up the rest', async () => {
  await using s = await scenario(TASKS)
  await s.write(
    'tasks.json',
    Array.from({ length: 9 }, (_, n) => ({ id: `t${n}`, title: `${n}` })),
  )
  const job = defineBackfill({ name: 'app/tasks', from: jsonFile('tasks.json'), schema: Task, into: 'tasks' })
  const stop = new AbortController()
  const paused = await runBackfill({
    ...s.at(job),
    batch: small,
    signal: stop.signal,
    onProgress: ({ read }) => read === 4 && stop.abort(),
  })
  expect(paused.error).toMatchObject({ kind: 'stopped', code: 'backfills/interrupted' })
  expect(books(paused.run)).toEqual({ state: 'paused', read: 4, written: 4, existing: 0, rejected: 0 })
  const seen: number[] = []
  const resumed = await runBackfill({
    ...s.at(job),
    batch: small,
    mode: 'resume',
    onProgress: ({ read }) => seen.push(read),
  })
  expect(resumed.run.id).toBe(paused.run.id)
  expect(books(resumed.run)).toEqual({ state: 'done', read: 9, written: 9, existing: 0, rejected: 0 })
  expect(seen).toEqual([6, 8, 9])
})

test('a run is paused from another process before its next batch', async () => {
  await using s = await scenario(TASKS)
  const filter = { system: 'app', name: 'app/tasks' }
  async function* slowly() {
    yield { id: 'a', title: 'one' }
    yield { id: 'b', title: 'two' }
    await stopBackfill(s, filter, 'paused')
    yield { id: 'c', title: 'three' }
  }
  const from = store('slow', slowly)
  const job = tasksFrom([], { from: { ...from, identity: sameAlways } })
  const { run, error } = await runBackfill({ ...s.at(job), batch: { ...small, rows: 1 } })
  expect(error).toMatchObject({ kind: 'stopped', code: 'backfills/paused' })
  expect(books(run)).toEqual({ state: 'paused', read: 0, written: 0, existing: 0, rejected: 0 })
  await expect(stopBackfill(s, filter, 'paused')).rejects.toMatchObject({ kind: 'usage' })
})

test('a source that changed between run and resume is refused', async () => {
  await using s = await scenario(TASKS)
  await s.write('tasks.json', [{ id: 'a', title: '' }])
  const job = defineBackfill({ name: 'app/tasks', from: jsonFile('tasks.json'), schema: Task, into: 'tasks' })
  await runBackfill(s.at(job))
  await s.write('tasks.json', [{ id: 'a', title: 'mended' }])
  await expect(runBackfill(s.at(job))).rejects.toMatchObject({ kind: 'usage', code: 'backfills/source-changed' })
})

test('a second run of a job at the same moment is refused', async () => {
  await using s = await scenario(TASKS)
  let second: unknown = null
  const from = store('tasks', async function* () {
    yield { id: 'a', title: 'one' }
    second = await runBackfill(s.at(job)).catch((error: unknown) => error)
  } as never)
  const job = tasksFrom([], { from: { ...from, identity: sameAlways } })
  const { error } = await runBackfill(s.at(job))
  expect(error).toBeNull()
  expect(second).toMatchObject({ kind: 'environment', code: 'backfills/already-running' })
})

test('an unreachable server is an environment error without the password', async () => {
  await using s = await scenario(TASKS)
  const error = await runBackfill({ ...s.at(tasksFrom([])), url: 'postgres://me:geheim@127.0.0.1:1/x' }).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ kind: 'environment', code: 'backfills/cannot-connect' })
  expect(JSON.stringify([(error as Error).message, error])).not.toContain('geheim')
})

test('a server that drops the connections in the middle is an environment error, and the run goes on afterwards', async () => {
  await using s = await scenario(TASKS)
  const list = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, title: id }))
  let dropped = false
  const from = store('tasks', async function* () {
    yield* list.slice(0, 3)
    if (!dropped) {
      dropped = true
      await s.sql`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'landfall backfill' and datname = current_database()`
    }
    yield* list.slice(3)
  } as never)
  const job = tasksFrom([], { from: { ...from, identity: sameAlways } })
  const lost = await runBackfill({ ...s.at(job), batch: { ...small, rows: 1 } })
  expect(lost.error).toMatchObject({ kind: 'environment', code: 'backfills/cannot-connect' })
  expect(lost.run.state).toBe('failed')
  const { run, error } = await runBackfill({ ...s.at(job), mode: 'resume' })
  expect(error).toBeNull()
  expect(books(run)).toEqual({ state: 'done', read: 5, written: 5, existing: 0, rejected: 0 })
})

test('a store that fails is named, and the run goes on where it was', async () => {
  await using s = await scenario(TASKS)
  let works = false
  const from = store('tasks', function* () {
    yield { id: 'a', title: 'one' }
    if (!works) throw new TypeError('no such file')
    yield { id: 'b', title: 'two' }
  })
  const job = tasksFrom([], { from: { ...from, identity: sameAlways } })
  const { run, error } = await runBackfill(s.at(job))
  expect(error).toMatchObject({
    kind: 'usage',
    code: 'backfills/source-failed',
    message: 'the store tasks failed: no such file',
  })
  expect(run).toMatchObject({ state: 'failed', reason: 'the store tasks failed: no such file' })
  works = true
  expect((await runBackfill(s.at(job))).run).toMatchObject({ state: 'done', written: 2 })
})

test('a bug stays a bug, which is exit 70, and the run is put on record as failed', async () => {
  await using s = await scenario(TASKS)
  const bug = new TypeError('undefined is not a function')
  const from = store('tasks', () => [])
  const broken = { ...from, read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(bug) }) }) }
  const thrown = await runBackfill(s.at(tasksFrom([], { from: broken }))).catch((error: unknown) => error)
  expect(thrown).toBe(bug)
  expect(await s.sql`select state, reason from landfall.backfill_run`).toEqual([
    { state: 'failed', reason: bug.message },
  ])
})
