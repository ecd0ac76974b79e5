import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineBackfill, type Backfill } from './define.ts'
import { rehearse } from './rehearse.ts'
import { scenario, type Scenario } from '../fixtures/backfills/scenario.ts'
import { jsonFile } from './sources/json-file.ts'

const DDL = `create table projects (id integer primary key, name text not null);
  create table tasks (id integer primary key, project_id integer not null references projects, n integer check (n > 0))`

const projects = defineBackfill({
  name: 'app/projects',
  from: jsonFile('projects.json'),
  schema: z.object({ id: z.number(), name: z.string() }),
  into: 'projects',
})
const tasks = defineBackfill({
  name: 'app/tasks',
  from: jsonFile('tasks.json'),
  schema: z.object({ id: z.number(), projectId: z.number(), n: z.number() }),
  into: 'tasks',
  after: ['app/projects'],
})
const all = (s: Scenario, ...jobs: Backfill[]) =>
  rehearse({ ...s, jobs: jobs.map((job) => ({ job, file: `jobs/${job.name}.ts` })) })

test('every job is run, verified, undone and run again, in order', async () => {
  await using s = await scenario(DDL)
  await s.write('projects.json', [{ id: 1, name: 'one' }])
  await s.write(
    'tasks.json',
    '[\n{"id":1,"projectId":1,"n":1},\n{"id":2,"projectId":1,"n":0},\n{"id":3,"projectId":9,"n":1}]',
  )
  const facts = {
    existing: 0,
    verified: true,
    rolledBack: true,
    durationMs: expect.any(Number),
    differences: [],
    notRestored: [],
    error: null,
  }
  expect(await all(s, tasks, projects)).toEqual([
    { ...facts, name: 'app/projects', file: 'projects.json', read: 1, written: 1, rejected: 0, rejects: [] },
    {
      ...facts,
      name: 'app/tasks',
      file: 'tasks.json',
      read: 3,
      written: 1,
      rejected: 2,
      rejects: [
        {
          position: { record: 2, line: 3, offset: 32 },
          stage: 'database',
          code: '23514',
          reason: expect.stringContaining('tasks_n_check'),
          raw: '{"id":2,"projectId":1,"n":0}',
        },
        {
          position: { record: 3, line: 4, offset: 62 },
          stage: 'database',
          code: '23503',
          reason: expect.stringContaining('Key (project_id)=(9) is not present in table "projects"'),
          raw: '{"id":3,"projectId":9,"n":1}',
        },
      ],
    },
  ])
  expect(await s.sql`select id from tasks`).toEqual([{ id: 1 }])
})

test('a job that fails ends only those that wait for it', async () => {
  await using s = await scenario(DDL)
  await s.write('tasks.json', [])
  await s.write('more.json', [{ id: 7, name: 'seven' }])
  const more = { ...projects, name: 'app/more', from: jsonFile('more.json') }
  const results = await all(s, projects, tasks, more)
  expect(results.map(({ name, written, error }) => ({ name, written, error }))).toEqual([
    {
      name: 'app/projects',
      written: 0,
      error: {
        message: 'the source file projects.json does not exist',
        location: { file: 'projects.json', line: null, column: null },
      },
    },
    {
      name: 'app/tasks',
      written: 0,
      error: { message: 'not tried: app/projects, which it comes after, failed', location: null },
    },
    { name: 'app/more', written: 1, error: null },
  ])
})

test('a trigger that writes into the target is found by the rollback', async () => {
  await using s = await scenario(`create table projects (id integer primary key, name text);
    create function double() returns trigger language plpgsql as $$ begin if new.id > 0 then insert into projects values (-new.id, 'shadow'); end if; return null; end $$;
    create trigger double after insert on projects for each row execute function double()`)
  await s.write('projects.json', [{ id: 1, name: 'one' }])
  const [result] = await all(s, projects)
  expect(result).toMatchObject({ verified: false, rolledBack: false, notRestored: ['projects'] })
})
