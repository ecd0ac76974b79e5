import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { books, small, Task, TASKS, tasksFrom } from '../fixtures/backfills/tasks-job.ts'
import { defineBackfill } from './define.ts'
import { runBackfill } from './run.ts'
import { jsonFile } from './sources/json-file.ts'
import { ndjson } from './sources/ndjson.ts'
import { store } from './sources/store.ts'
import { rejectsOf, statusOf } from './status.ts'

test('a run carries every record over and says so', async () => {
  await using s = await scenario(TASKS)
  await s.write('tasks.json', [
    { id: 'a', title: 'one', rank: 1 },
    { id: 'b', title: 'two', parentId: 'a' },
  ])
  const job = defineBackfill({ name: 'app/tasks', from: jsonFile('tasks.json'), schema: Task, into: 'tasks' })
  const { run, error } = await runBackfill(s.at(job))
  expect(error).toBeNull()
  expect(run).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: 'app/tasks',
    system: 'app',
    state: 'done',
    read: 2,
    written: 2,
    existing: 0,
    rejected: 0,
    startedAt: expect.any(String),
    finishedAt: expect.any(String),
    durationMs: expect.any(Number),
    reason: null,
    waits: {},
    next: 'landfall backfill verify app/tasks',
  })
  expect(await s.sql`select * from tasks order by id`).toEqual([
    { id: 'a', title: 'one', rank: 1, parent_id: null },
    { id: 'b', title: 'two', rank: 7, parent_id: 'a' },
  ])
  expect(await statusOf(s, { name: 'app/tasks' })).toEqual([run])
})

test('after a finished run, run writes nothing unless it is told to do it again', async () => {
  await using s = await scenario(TASKS)
  const job = tasksFrom([{ id: 'a', title: 'one' }], { onConflict: 'skip' })
  const first = await runBackfill(s.at(job))
  expect(await runBackfill(s.at(job))).toEqual(first)
  const again = await runBackfill({ ...s.at(job), mode: 'again' })
  expect(books(again.run)).toEqual({ state: 'done', read: 1, written: 0, existing: 1, rejected: 0 })
  expect((await statusOf(s)).map(({ id }) => id)).toEqual([again.run.id, first.run.id])
})

test('resume without an unfinished run is a usage error', async () => {
  await using s = await scenario(TASKS)
  await expect(runBackfill({ ...s.at(tasksFrom([])), mode: 'resume' })).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/nothing-to-resume',
  })
})

test('records that parsing, the schema or the database refuse are rejects with their position, and the others go in', async () => {
  await using s = await scenario(TASKS)
  const lines = [
    '{"id":"a","title":"one"}',
    '{"id":"b"',
    '{"id":"c"}',
    '',
    '{"id":"d","title":""}',
    '{"id":"a","title":"twice"}',
    '{"id":"e","title":"orphan","parentId":"zz"}',
    '{"id":"f","title":"last","parentId":"a"}',
  ]
  await s.write('tasks.ndjson', lines.join('\n'))
  const job = defineBackfill({ name: 'app/tasks', from: ndjson('tasks.ndjson'), schema: Task, into: 'tasks' })
  const { run, error } = await runBackfill({ ...s.at(job), limits: { maxRejects: 5, onRejectLimit: 'stop' } })
  expect(error).toBeNull()
  expect(books(run)).toEqual({ state: 'done', read: 7, written: 2, existing: 0, rejected: 5 })
  expect(await s.sql`select id from tasks order by id`).toEqual([{ id: 'a' }, { id: 'f' }])
  const rejects = await rejectsOf(s, { system: 'app', name: 'app/tasks' })
  expect(
    rejects.map(({ position, stage, code, raw }) => [
      position.record,
      position.line,
      position.offset,
      stage,
      code,
      raw,
    ]),
  ).toEqual([
    [2, 2, 25, 'parse', 'invalid-json', lines[1]],
    [3, 3, 35, 'schema', 'invalid_type', lines[2]],
    [4, 5, 47, 'database', '23514', lines[4]],
    [5, 6, 69, 'database', '23505', lines[5]],
    [6, 7, 96, 'database', '23503', lines[6]],
  ])
  expect(rejects.every(({ run: id, reason }) => id === run.id && reason.length > 10)).toBe(true)
})

test('beyond the limit of rejects a run stops with what it has, and goes on under a higher one', async () => {
  await using s = await scenario(TASKS)
  const job = tasksFrom([
    { id: 'a', title: 'one' },
    { id: 'b', title: '' },
    { id: 'c', title: 'three' },
    { id: 'd', title: 'four' },
  ])
  const stopped = await runBackfill({ ...s.at(job), batch: small })
  expect(stopped.error).toMatchObject({ kind: 'stopped', code: 'backfills/reject-limit' })
  expect(books(stopped.run)).toEqual({ state: 'failed', read: 2, written: 1, existing: 0, rejected: 1 })
  expect(stopped.run.next).toBe('landfall backfill resume app/tasks')
  expect((await runBackfill({ ...s.at(job), mode: 'resume' })).error).toMatchObject({ kind: 'stopped' })
  const resumed = await runBackfill({ ...s.at(job), mode: 'resume', limits: { maxRejects: 1, onRejectLimit: 'stop' } })
  expect(resumed.run.id).toBe(stopped.run.id)
  expect(books(resumed.run)).toEqual({ state: 'done', read: 4, written: 3, existing: 0, rejected: 1 })
})

test('beyond the limit of rejects a run can be undone', async () => {
  await using s = await scenario(TASKS)
  const job = tasksFrom([
    { id: 'a', title: 'one' },
    { id: 'b', title: '' },
  ])
  const { run, error } = await runBackfill({ ...s.at(job), limits: { maxRejects: 0, onRejectLimit: 'rollback' } })
  expect(error).toMatchObject({ kind: 'stopped', code: 'backfills/reject-limit' })
  expect(run.state).toBe('rolled-back')
  expect(await s.sql`select * from tasks`).toEqual([])
})

test('a record may refer to one that follows it in the same batch, beside a record that is refused', async () => {
  await using s = await scenario(TASKS)
  const job = tasksFrom([
    { id: 'child', title: 'c', parentId: 'parent' },
    { id: 'orphan', title: 'o', parentId: 'nobody' },
    { id: 'parent', title: 'p' },
  ])
  const { run } = await runBackfill({ ...s.at(job), limits: { maxRejects: 1, onRejectLimit: 'stop' } })
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 2, existing: 0, rejected: 1 })
})

test('a deferred constraint is a reject too', async () => {
  await using s = await scenario(
    'create table tasks (id text primary key, title text, parent_id text references tasks deferrable initially deferred)',
  )
  const job = tasksFrom([
    { id: 'a', title: 'one' },
    { id: 'b', title: 'two', parentId: 'zz' },
    { id: 'c', title: 'three', parentId: 'c' },
  ])
  const { run } = await runBackfill({ ...s.at(job), limits: { maxRejects: 1, onRejectLimit: 'stop' } })
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 2, existing: 0, rejected: 1 })
})

test('onConflict skip keeps the rows that are there', async () => {
  await using s = await scenario(`${TASKS}; insert into tasks values ('a', 'old')`)
  const job = tasksFrom(
    [
      { id: 'a', title: 'new' },
      { id: 'b', title: 'two' },
      { id: 'b', title: 'again' },
    ],
    { onConflict: 'skip' },
  )
  const { run } = await runBackfill(s.at(job))
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 1, existing: 2, rejected: 0 })
  expect(await s.sql`select id, title, rank from tasks order by id`).toEqual([
    { id: 'a', title: 'old', rank: 7 },
    { id: 'b', title: 'two', rank: 7 },
  ])
})

test('beside a record that is refused, onConflict skip still keeps the rows that are there', async () => {
  await using s = await scenario(`${TASKS}; insert into tasks values ('b', 'old')`)
  const records = [
    { id: 'a', title: '' },
    { id: 'b', title: 'two' },
    { id: 'c', title: 'three' },
  ]
  const limits = { maxRejects: 1, onRejectLimit: 'stop' } as const
  const { run } = await runBackfill({ ...s.at(tasksFrom(records, { onConflict: 'skip' })), limits })
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 1, existing: 1, rejected: 1 })
})

test('onConflict update writes the given columns of rows that are there, the last record winning', async () => {
  await using s = await scenario(`${TASKS}; insert into tasks values ('a', 'old', 3)`)
  const job = tasksFrom(
    [
      { id: 'a', title: 'new' },
      { id: 'b', title: 'two', rank: 2 },
      { id: 'b', title: 'again' },
    ],
    { onConflict: 'update' },
  )
  const { run } = await runBackfill(s.at(job))
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 1, existing: 2, rejected: 0 })
  expect(await s.sql`select id, title, rank from tasks order by id`).toEqual([
    { id: 'a', title: 'new', rank: 3 },
    { id: 'b', title: 'again', rank: 7 },
  ])
})

test('one record feeds several tables, all or nothing', async () => {
  await using s = await scenario(
    `${TASKS}; create table task_tags (task_id text references tasks, tag text check (tag <> 'bad'), primary key (task_id, tag))`,
  )
  const Tagged = z.object({ id: z.string(), title: z.string(), tags: z.array(z.string()) })
  const records = [
    { id: 'a', title: 'one', tags: ['x', 'y'] },
    { id: 'b', title: 'two', tags: ['x', 'bad'] },
    { id: 'c', title: 'three', tags: [] },
  ]
  const job = defineBackfill({
    name: 'app/tagged',
    from: store('tagged', () => records),
    schema: Tagged,
    into: {
      tasks: ({ id, title }) => ({ id, title }),
      task_tags: ({ id, tags }) => tags.map((tag) => ({ task_id: id, tag })),
    },
  })
  const { run } = await runBackfill({ ...s.at(job), limits: { maxRejects: 1, onRejectLimit: 'stop' } })
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 2, existing: 0, rejected: 1 })
  expect(await s.sql`select id from tasks order by id`).toEqual([{ id: 'a' }, { id: 'c' }])
  expect(await s.sql`select * from task_tags order by tag`).toEqual([
    { task_id: 'a', tag: 'x' },
    { task_id: 'a', tag: 'y' },
  ])
})

test('mistakes in the job are usage errors that name what there is', async () => {
  await using s = await scenario(TASKS)
  const one = [{ id: 'a', title: 'one' }]
  await expect(runBackfill(s.at(tasksFrom(one, { into: 'task' })))).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/unknown-table',
    next: expect.stringContaining('tasks'),
  })
  await expect(runBackfill(s.at(tasksFrom(one, { key: ['title'] })))).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/bad-key',
  })
  await expect(runBackfill(s.at(tasksFrom(one, { into: 'tasks; drop table tasks' })))).rejects.toMatchObject({
    code: 'backfills/unknown-table',
  })
  const { error } = await runBackfill(s.at(tasksFrom(one, { map: ({ id }) => ({ id, titel: 'x' }) })))
  expect(error).toMatchObject({
    kind: 'usage',
    code: 'backfills/unknown-column',
    message: 'tasks has no column titel',
    next: 'correct the map; it may write id, title, rank, parent_id',
  })
})

test('row-level security of the role is no obstacle', async () => {
  await using s =
    await scenario(`${TASKS}; alter table tasks enable row level security; alter table tasks force row level security;
    create policy mine on tasks using (true) with check (title <> 'forbidden')`)
  const job = tasksFrom([
    { id: 'a', title: 'one' },
    { id: 'b', title: 'forbidden' },
    { id: 'c', title: 'three', parentId: 'a' },
  ])
  const { run } = await runBackfill({ ...s.at(job), limits: { maxRejects: 1, onRejectLimit: 'stop' } })
  expect(books(run)).toEqual({ state: 'done', read: 3, written: 2, existing: 0, rejected: 1 })
})

test('a row that a trigger keeps out is a reject, and never a silent loss', async () => {
  await using s = await scenario(`${TASKS};
    create function keep_out() returns trigger language plpgsql as $$ begin if new.title = 'x' then return null; end if; return new; end $$;
    create trigger keep_out before insert on tasks for each row execute function keep_out()`)
  const { run } = await runBackfill({
    ...s.at(
      tasksFrom([
        { id: 'a', title: 'x' },
        { id: 'b', title: 'y' },
      ]),
    ),
    limits: { maxRejects: 1, onRejectLimit: 'stop' },
  })
  expect(books(run)).toEqual({ state: 'done', read: 2, written: 1, existing: 0, rejected: 1 })
})
