import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { configOf, soundProject } from '../fixtures/project.ts'

const files = {
  'landfall.config.ts': configOf({ migrations: 'sql', backfills: 'jobs/*.ts' }),
  'jobs/users.ts': `import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
export default defineBackfill({
  name: 'app/users',
  from: jsonFile('users.json'),
  schema: z.object({ id: z.string(), name: z.string() }),
  into: 'users',
})
`,
  'users.json': '[{ "id": "1", "name": "Ada" }, { "id": "2", "name": "G" }]',
}

test('a rehearsal works on a copy, a clone or a fresh one, and leaves the database as it is', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject(files)
  const at =
    (url: string) =>
    (...args: string[]) =>
      project.landfall(args, { env: { DATABASE_URL: url } })
  expect((await at(db.url)('migrate', 'up')).code).toBe(0)
  expect((await at(db.url)('backfill', 'run', 'app/users')).code).toBe(0)
  await db.sql`insert into users values ('0', 'before')`
  const fresh = await at(db.url)('backfill', 'rehearse', 'app/users', '--json')
  await db.sql.end()
  const clone = await at(db.superuserUrl)('backfill', 'rehearse', 'app/users', '--json')
  for (const [{ code, stdout }, how] of [
    [fresh, 'with the rows of public.users'],
    [clone, 'a clone of the database'],
  ] as const)
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        schema: 1,
        copy: expect.stringContaining(how),
        rehearsals: [
          { name: 'app/users', read: 2, written: 2, rejected: 0, verified: true, rolledBack: true, error: null },
        ],
      },
    ])
  const status = await at(db.url)('backfill', 'status', '--json')
  expect(JSON.parse(status.stdout)).toMatchObject({ runs: [{ state: 'done', written: 2 }] })
})
