import { expect, test } from 'vitest'
import { z } from 'zod'
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
    estimate: { ms: expect.any(Number), walBytes: expect.any(Number) },
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
