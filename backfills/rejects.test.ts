import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario, type Scenario } from '../fixtures/backfills/scenario.ts'
import { defineBackfill, type Backfill, type BackfillDefinition } from './define.ts'
import { tableFingerprint } from './fingerprint.ts'
import { discardRejects } from './rejects.ts'
import { retryRejects } from './retry.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill, type RunOutcome } from './run.ts'
import { csv } from './sources/csv.ts'
import { ndjson } from './sources/ndjson.ts'
import type { Source } from './sources/source.ts'
import { store } from './sources/store.ts'
import { table } from './sources/table.ts'
import { rejectsOf, statusOf } from './status.ts'
import { verifyRun } from './verify.ts'

const DDL = `create table projects (id text primary key);
  create table tasks (id text primary key, title text not null check (title <> ''), project_id text references projects);
  insert into tasks values ('before', 'was there', null)`
const Task = z.object({ id: z.string(), title: z.string(), projectId: z.string().nullish() })
type Task = z.output<typeof Task>
const tasks = (from: Source, more: Partial<BackfillDefinition<Task>> = {}) =>
  defineBackfill({ name: 'app/tasks', from, schema: Task, into: 'tasks', ...more })
const filter = { system: 'app', name: 'app/tasks' }
const ada = { actor: 'ada', why: 'ticket 12' }
const NO_LIMIT = { maxRejects: null, onRejectLimit: 'stop' } as const

const lines = [
  { id: 'a', title: 'one' },
  { id: 'b', title: 'two', projectId: 'p' },
  { id: 'c', title: '' },
  { id: 'd', title: 4 },
  { id: 'e', title: 'five' },
]
const asNdjson = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"id":"f","title":"six"\n`

const carryOver = (s: Scenario, job: Backfill): Promise<RunOutcome> =>
  runBackfill({ ...s.at(job), limits: NO_LIMIT, batch: { rows: 2, bytes: 1e6, ms: 1e6 } })
const booksOf = async (s: Scenario) => {
  const [run] = await statusOf(s, filter)
  const { state, read, written, existing, rejected } = run!
  expect(read).toBe(written + existing + rejected)
  return { state, read, written, existing, rejected }
}
const openRecords = async (s: Scenario) =>
  (await rejectsOf(s, filter)).map(({ position, code }) => [position.record, code])

test('retried rejects that are accepted now are of the run: verified with it, and undone with it', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.ndjson', asNdjson)
  const job = tasks(ndjson('tasks.ndjson'))
  const before = await tableFingerprint(s.sql, { sql: 'tasks' })
  const { run } = await carryOver(s, job)
  expect(await booksOf(s)).toEqual({ state: 'done', read: 6, written: 2, existing: 0, rejected: 4 })
  expect(await openRecords(s)).toEqual([
    [2, '23503'],
    [3, '23514'],
    [4, 'invalid_type'],
    [6, 'invalid-json'],
  ])

  const first = await retryRejects({ ...s.at(job), run: 'app/tasks', operator: ada })
  expect([first.carried, first.open.length]).toEqual([0, 4])
  await s.sql`insert into projects values ('p')`
  const second = await retryRejects({ ...s.at(job), run: 'app/tasks', operator: ada })
  expect(second).toMatchObject({ carried: 1, run: { id: run.id, state: 'done' } })
  expect(await booksOf(s)).toEqual({ state: 'done', read: 6, written: 3, existing: 0, rejected: 3 })
  const again = await retryRejects({ ...s.at(job), run: 'app/tasks', operator: ada })
  expect([again.carried, again.open.length]).toEqual([0, 3])
  expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, compared: 3, run: { state: 'verified' } })

  const lenient = tasks(ndjson('tasks.ndjson'), {
    schema: z.object({ id: z.string(), title: z.coerce.string().transform((text) => text || '(untitled)') }),
    map: ({ id, title }) => ({ id, title }),
  })
  expect(await retryRejects({ ...s.at(lenient), run: run.id, operator: ada })).toMatchObject({
    carried: 2,
    run: { state: 'done' },
    open: [{ position: { record: 6, line: 6 }, stage: 'parse' }],
  })
  expect(await booksOf(s)).toEqual({ state: 'done', read: 6, written: 5, existing: 0, rejected: 1 })

  const [last] = await rejectsOf(s, filter)
  const mended = new Map([[last!.id, '{"id":"f","title":"six"}']])
  expect(await retryRejects({ ...s.at(job), run: run.id, operator: ada, mended })).toMatchObject({
    carried: 1,
    open: [],
  })
  expect(await booksOf(s)).toEqual({ state: 'done', read: 6, written: 6, existing: 0, rejected: 0 })
  expect(await s.sql`select id, title, project_id from tasks order by id`).toEqual([
    { id: 'a', title: 'one', project_id: null },
    { id: 'b', title: 'two', project_id: 'p' },
    { id: 'before', title: 'was there', project_id: null },
    { id: 'c', title: '(untitled)', project_id: null },
    { id: 'd', title: '4', project_id: null },
    { id: 'e', title: 'five', project_id: null },
    { id: 'f', title: 'six', project_id: null },
  ])
  expect(
    (await rejectsOf(s, filter, { settled: true })).map(({ position, settled }) => [position.record, settled]),
  ).toEqual(
    [2, 3, 4, 6].map((record) => [
      record,
      { as: 'carried', at: expect.stringMatching(/^\d{4}-.*Z$/), by: 'ada', why: 'ticket 12' },
    ]),
  )
  await rollbackRun({ ...s, run: run.id, laterWrites: 'refuse' })
  expect(await tableFingerprint(s.sql, { sql: 'tasks' })).toBe(before)
})

test('a mended record is what verify holds its row against', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.ndjson', asNdjson)
  const job = tasks(ndjson('tasks.ndjson'))
  await carryOver(s, job)
  const rejects = await rejectsOf(s, filter)
  const mended = new Map(rejects.map(({ id, position }) => [id, `{"id":"m${position.record}","title":"mended"}`]))
  await retryRejects({ ...s.at(job), run: 'app/tasks', mended })
  expect(await verifyRun({ ...s.at(job), full: true })).toMatchObject({ ok: true, compared: 6 })
  await s.sql`update tasks set title = 'Mended' where id = 'm3'`
  expect(await verifyRun(s.at(job))).toMatchObject({
    ok: false,
    differences: [{ key: ['m3'], column: 'title', expected: 'mended', actual: 'Mended', record: 3 }],
  })
})

test('a retry is safe beside rows that are there meanwhile: fail keeps the reject, skip calls the record existing', async () => {
  for (const [onConflict, books] of [
    ['fail', { written: 2, existing: 0, rejected: 4 }],
    ['skip', { written: 2, existing: 1, rejected: 3 }],
  ] as const) {
    await using s = await scenario(DDL)
    await s.write('tasks.ndjson', asNdjson)
    const job = tasks(ndjson('tasks.ndjson'), { onConflict })
    await carryOver(s, job)
    await s.sql`insert into projects values ('p')`
    await s.sql`insert into tasks values ('b', 'somebody else', null)`
    await retryRejects({ ...s.at(job), run: 'app/tasks' })
    expect(await booksOf(s)).toMatchObject(books)
    expect(await s.sql`select title from tasks where id = 'b'`).toEqual([{ title: 'somebody else' }])
  }
})

test('records of a store and of a CSV file are found again by what they say', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.csv', 'id,title,projectId\na,one,\nb,two,p\nc,three,q\n')
  for (const from of [csv('tasks.csv'), store('tasks', () => [lines[0], lines[1], { ...lines[4], projectId: 'q' }])]) {
    const job = tasks(from)
    await s.sql`delete from tasks where id <> 'before'`
    await s.sql`delete from projects`
    const { run } = await runBackfill({ ...s.at(job), mode: 'again', limits: NO_LIMIT })
    expect(run).toMatchObject({ read: 3, written: 1, rejected: 2 })
    await s.sql`insert into projects values ('p')`
    expect(await retryRejects({ ...s.at(job), run: run.id })).toMatchObject({
      carried: 1,
      open: [{ position: { record: 3 }, code: '23503' }],
    })
  }
})

test('a row of a table is tried again as it is now', async () => {
  await using s = await scenario(`create table people (id integer primary key, name text, slug text);
    insert into people values (1, 'Ada', null), (2, null, null), (3, 'Grace', null)`)
  const job = defineBackfill({
    name: 'app/slugs',
    from: table('people'),
    schema: z.object({ id: z.number(), name: z.string() }),
    into: 'people',
    map: ({ id, name }) => ({ id, slug: name.toLowerCase() }),
    onConflict: 'update',
  })
  const { run } = await carryOver(s, job)
  expect(run).toMatchObject({ read: 3, existing: 2, rejected: 1 })
  await s.sql`update people set name = 'Alan' where id = 2`
  expect(await retryRejects({ ...s.at(job), run: run.id })).toMatchObject({ carried: 1, open: [] })
  expect(await s.sql`select slug from people order by id`).toEqual([
    { slug: 'ada' },
    { slug: 'alan' },
    { slug: 'grace' },
  ])
  await rollbackRun({ ...s, run: run.id, laterWrites: 'refuse' })
  expect(await s.sql`select name, slug from people order by id`).toEqual([
    { name: 'Ada', slug: null },
    { name: 'Alan', slug: null },
    { name: 'Grace', slug: null },
  ])
})

test('discarded rejects still count, and are in nobody’s way; who and why is on record', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.ndjson', asNdjson)
  const job = tasks(ndjson('tasks.ndjson'))
  await carryOver(s, job)
  const [first] = await rejectsOf(s, filter)
  expect((await statusOf(s, filter))[0]!.next).toBe('landfall backfill rejects list app/tasks')
  expect(await discardRejects(s, filter, { ids: [first!.id] }, ada)).toMatchObject({ discarded: 1 })
  expect(await discardRejects(s, filter, {}, ada)).toMatchObject({
    discarded: 3,
    run: { rejected: 4, next: 'landfall backfill verify app/tasks' },
  })
  expect(await discardRejects(s, filter, {}, ada)).toMatchObject({ discarded: 0 })
  await expect(discardRejects(s, filter, { ids: [first!.id, 99] }, ada)).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/no-reject',
  })
  await s.sql`insert into projects values ('p')`
  expect(await retryRejects({ ...s.at(job), run: 'app/tasks' })).toMatchObject({ carried: 0, open: [] })
  expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, run: { rejected: 4, state: 'verified', next: null } })
  expect(await s.sql`select distinct settled, settled_by, settled_why from landfall.backfill_reject`).toEqual([
    { settled: 'discarded', settled_by: 'ada', settled_why: 'ticket 12' },
  ])
})

test('a run that stopped at its limit goes on once its rejects are settled', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.ndjson', asNdjson)
  const job = tasks(ndjson('tasks.ndjson'))
  const batch = { rows: 2, bytes: 1e6, ms: 1e6 }
  expect((await runBackfill({ ...s.at(job), batch })).run).toMatchObject({ state: 'failed', read: 2, rejected: 1 })
  await s.sql`insert into projects values ('p')`
  expect(await retryRejects({ ...s.at(job), run: 'app/tasks' })).toMatchObject({ carried: 1, run: { state: 'failed' } })
  const resumed = await runBackfill({ ...s.at(job), batch, mode: 'resume', limits: NO_LIMIT })
  expect(resumed.run).toMatchObject({ state: 'done', read: 6, written: 3, rejected: 3 })
})

test('the rejects of a run that is undone, or under way, are not tried again', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.ndjson', asNdjson)
  const job = tasks(ndjson('tasks.ndjson'))
  const { run } = await carryOver(s, job)
  await s.sql`update landfall.backfill_run set state = 'running'`
  await expect(retryRejects({ ...s.at(job), run: run.id })).rejects.toMatchObject({ code: 'backfills/not-retriable' })
  await s.sql`update landfall.backfill_run set state = 'done'`
  await rollbackRun({ ...s, run: run.id, laterWrites: 'refuse' })
  await expect(retryRejects({ ...s.at(job), run: run.id })).rejects.toMatchObject({ code: 'backfills/not-retriable' })
})
