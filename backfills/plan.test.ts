import { expect, test } from 'vitest'
import { z } from 'zod'
import { installLandfall } from '../migrations/install.ts'
import { connect } from './database.ts'
import { defineBackfill } from './define.ts'
import { planBackfill } from './plan.ts'
import { runBackfill } from './run.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { jsonFile } from './sources/json-file.ts'

const job = defineBackfill({
  name: 'app/tasks',
  from: jsonFile('tasks.json'),
  schema: z.object({ id: z.number(), dueOn: z.string() }),
  into: 'tasks',
  onConflict: 'skip',
})
const DDL = `create table tasks (id integer primary key, due_on date not null); insert into tasks values (1, '2024-01-01')`

test('a plan says what a run would do, and writes nothing', async () => {
  await using s = await scenario(`${DDL};
    create function noop() returns trigger language plpgsql as 'begin return new; end';
    create trigger audit after insert on tasks for each row execute function noop()`)
  const content =
    '[{"id":1,"dueOn":"2024-01-02"},{"id":2,"dueOn":"2024-02-30"},{"id":"3"},{"id":4,"dueOn":"2024-02-29"}]'
  await s.write('tasks.json', content)
  const plan = await planBackfill(s.at(job))
  expect(plan).toEqual({
    name: 'app/tasks',
    system: 'app',
    source: { kind: 'json', label: 'tasks.json', size: content.length },
    action: 'start',
    lastRun: null,
    onConflict: 'skip',
    records: 4,
    written: 1,
    existing: 1,
    rejected: 2,
    rejects: [
      {
        position: { record: 2, line: 1, offset: 31 },
        stage: 'database',
        code: '22008',
        reason: 'date/time field value out of range: "2024-02-30"',
        raw: '{"id":2,"dueOn":"2024-02-30"}',
      },
      {
        position: { record: 3, line: 1, offset: 61 },
        stage: 'schema',
        code: 'invalid_type',
        reason:
          'id: Invalid input: expected number, received string; dueOn: Invalid input: expected string, received undefined',
        raw: '{"id":"3"}',
      },
    ],
    tables: [{ table: 'tasks', key: ['id'], rows: 2, existing: 1, triggers: ['audit'], rowSecurity: false }],
    estimate: {
      ms: expect.any(Number),
      walBytes: expect.any(Number),
      diskBytes: expect.any(Number),
      from: 'dry run',
      measured: { records: 4, ms: expect.any(Number) },
    },
    undo: 'exact except for what triggers do',
    notes: ['the trigger audit of tasks runs for every row; what it does elsewhere is not undone'],
  })
  expect(await s.sql`select id from tasks`).toEqual([{ id: 1 }])
  expect(await s.sql`select to_regnamespace('landfall') as ledger`).toEqual([{ ledger: null }])
})

test('a plan knows what run would do next', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.json', [{ id: 5, dueOn: '2024-01-01' }])
  const { run } = await runBackfill(s.at(job))
  expect(await planBackfill(s.at(job))).toMatchObject({
    action: 'nothing',
    lastRun: run,
    rejected: 0,
    tables: [{ rows: 1, existing: 1 }],
  })
})

test('a column that is not there is known before anything runs', async () => {
  await using s = await scenario('create table tasks (id integer primary key)')
  await s.write('tasks.json', [{ id: 5, dueOn: '2024-01-01' }])
  await expect(planBackfill(s.at(job))).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/unknown-column',
    message: 'tasks has no column due_on',
  })
})

test.for([
  ['fail', { written: 3, existing: 0, rejected: 3 }],
  ['skip', { written: 3, existing: 3, rejected: 0 }],
  ['update', { written: 3, existing: 3, rejected: 0 }],
] as const)('with onConflict %s a plan counts as the run does', async ([onConflict, counts]) => {
  await using s = await scenario(DDL)
  const ids = [1, 2, 3, 2, 4, 3]
  await s.write(
    'tasks.json',
    ids.map((id) => ({ id, dueOn: '2024-01-01' })),
  )
  const same = { ...job, onConflict }
  const plan = await planBackfill(s.at(same))
  expect(plan).toMatchObject({ records: 6, ...counts })
  expect(plan.rejects.map(({ position }) => position.record)).toEqual(onConflict === 'fail' ? [1, 4, 6] : [])
  const { run } = await runBackfill({ ...s.at(same), limits: { maxRejects: null, onRejectLimit: 'stop' } })
  expect(run).toMatchObject({ read: 6, ...counts })
})

test('a sample is really written for the estimate, and nothing of it stays', async () => {
  await using s = await scenario(DDL)
  const records = Array.from({ length: 3_000 }, (_, id) => ({ id, dueOn: id === 7 ? '2024-02-30' : '2024-01-01' }))
  await s.write('tasks.json', records)
  await s.sql`create table before as select * from tasks`
  {
    await using sql = connect(s)
    await installLandfall(sql)
  }
  const { estimate } = await planBackfill({ ...s.at(job), sample: 1_000 })
  expect(estimate).toMatchObject({ from: 'sample', measured: { records: 999, ms: expect.any(Number) } })
  expect(await s.sql`select * from tasks except select * from before`).toEqual([])
  expect(await s.sql`select from landfall.backfill_run`).toEqual([])
  const sizes = () =>
    s.sql<[{ disk: number }]>`
      select (pg_total_relation_size('tasks') + coalesce((select sum(pg_column_size(keys) + pg_column_size(row_hash)) from landfall.backfill_batch), 0))::float8 as disk`
  const [before] = await sizes()
  const { run } = await runBackfill({ ...s.at(job), limits: { maxRejects: 1, onRejectLimit: 'stop' } })
  expect(run).toMatchObject({ written: 2_998, existing: 1, rejected: 1 })
  const [after] = await sizes()
  const real = after.disk - before.disk
  expect(estimate!.diskBytes).toBeGreaterThan(real * 0.4)
  expect(estimate!.diskBytes).toBeLessThan(real * 2)
})
