import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { configOf, soundProject } from '../fixtures/project.ts'

const job = `import { defineBackfill, ndjson } from 'landfall'
import { z } from 'zod'
export default defineBackfill({
  name: 'app/users',
  from: ndjson('users.ndjson'),
  schema: z.object({ id: z.string(), name: z.string() }),
  into: 'users',
})
`

test('a run with partitions is worked on by whoever comes: the command that began it, and workers', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({
    'landfall.config.ts': configOf({ migrations: 'sql', backfills: 'jobs/*.ts' }),
    'jobs/users.ts': job,
    'users.ndjson': Array.from({ length: 3000 }, (_, id) => `{"id":"${id}","name":"user ${id}"}\n`).join(''),
  })
  const env = { DATABASE_URL: db.url }
  expect((await project.landfall(['migrate', 'up'], { env })).code).toBe(0)
  expect((await project.landfall(['backfill', 'run', 'app/users', '--partitions', '0'], { env })).code).toBe(2)
  const worker = project.start(['backfill', 'worker'], { env })
  const run = await project.landfall(['backfill', 'run', 'app/users', '--partitions', '4', '--json'], { env })
  expect({ code: run.code, runs: (JSON.parse(run.stdout) as { runs: object[] }).runs }).toMatchObject({
    code: 0,
    runs: [{ state: 'done', read: 3000, written: 3000, rejected: 0 }],
  })
  worker.child.kill('SIGTERM')
  expect((await worker.ended).code).toBe(143)
  const idle = await project.landfall(['backfill', 'worker', '--until-done', '--max-lag', 'off'], { env })
  expect({ code: idle.code, stdout: idle.stdout }).toEqual({ code: 0, stdout: '' })
  expect(await db.sql`select count(*)::int as n from users`).toEqual([{ n: 3000 }])
})
