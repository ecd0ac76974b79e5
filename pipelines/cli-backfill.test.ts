import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { configOf, soundProject } from '../fixtures/project.ts'

const job = `import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
export default defineBackfill({
  name: 'app/users',
  from: jsonFile('users.json'),
  schema: z.object({ id: z.string(), name: z.string() }),
  into: 'users',
})
`
const files = {
  'landfall.config.ts': configOf({ migrations: 'sql', backfills: 'jobs/*.ts' }),
  'jobs/users.ts': job,
  'users.json': '[\n  { "id": "1", "name": "Ada" },\n  { "id": "2", "name": "Grace" }\n]\n',
}

test('a run is verified, is found out when a row was altered, and its rollback refuses to lose that', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject(files)
  const env = { DATABASE_URL: db.url }
  const landfall = async (
    ...args: string[]
  ): Promise<{ code: number | null; run: Record<string, unknown>; stderr: string }> => {
    const { code, stdout, stderr } = await project.landfall([...args, '--json'], { env })
    const { runs } = JSON.parse(stdout || '{"runs":[]}') as { runs: Record<string, unknown>[] }
    return { code, run: runs[0] ?? {}, stderr }
  }
  expect((await project.landfall(['migrate', 'up'], { env })).code).toBe(0)
  expect(await landfall('backfill', 'run', 'app/users')).toMatchObject({
    code: 0,
    run: { name: 'app/users', system: 'app', state: 'done', read: 2, written: 2, existing: 0, rejected: 0 },
  })
  expect(await landfall('backfill', 'verify', 'app/users')).toMatchObject({ code: 0, run: { state: 'verified' } })
  await db.sql`update users set name = 'Eve' where id = '2'`
  const verified = await landfall('backfill', 'verify', 'app/users')
  expect(verified.code).toBe(1)
  expect(verified.stderr).toContain('Eve')
  expect((await landfall('backfill', 'rollback', 'app/users')).code).toBe(5)
  expect([...(await db.sql`select id, name from users order by id`)]).toEqual([
    { id: '1', name: 'Ada' },
    { id: '2', name: 'Eve' },
  ])
  await db.sql`update users set name = 'Grace' where id = '2'`
  expect(await landfall('backfill', 'rollback', 'app/users')).toMatchObject({ code: 0, run: { state: 'rolled-back' } })
  expect([...(await db.sql`select * from users`)]).toEqual([])
  expect((await landfall('backfill', 'resume', 'app/users')).code).toBe(2)
})

test('a record that is refused stops the run with 4, and is named with its line', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({
    ...files,
    'users.json': '[\n  { "id": "1", "name": "Ada" },\n  { "id": 2 }\n]\n',
  })
  const env = { DATABASE_URL: db.url }
  expect((await project.landfall(['migrate', 'up'], { env })).code).toBe(0)
  expect((await project.landfall(['backfill', 'run', 'app/users'], { env })).code).toBe(4)
  const { code, stdout } = await project.landfall(['backfill', 'rejects', 'list', 'app/users', '--json'], { env })
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    rejects: [{ position: { record: 2, line: 3 }, stage: 'schema' }],
  })
})

test('an unknown job and a database without a schema are said in one sentence', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject(files)
  const env = { DATABASE_URL: db.url }
  const unknown = await project.landfall(['backfill', 'run', 'app/user'], { env })
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    'error there is no backfill and no run "app/user"\nnext  the backfills are: app/users\n',
  ])
  const unreachable = await project.landfall(['backfill', 'status'], {
    env: { DATABASE_URL: 'postgres://me:s3cret@127.0.0.1:1/x' },
  })
  expect([unreachable.code, unreachable.stderr.includes('s3cret')]).toEqual([3, false])
})
