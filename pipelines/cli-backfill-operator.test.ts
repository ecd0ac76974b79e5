import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { freshDatabase, type FreshDatabase } from '../fixtures/database.ts'
import { configOf, soundProject, type Project } from '../fixtures/project.ts'

const job = (from: string) => `import { defineBackfill, jsonFile, store } from 'landfall'
import { z } from 'zod'
export default defineBackfill({
  name: 'app/users',
  from: ${from},
  schema: z.object({ id: z.string(), name: z.string() }),
  into: 'users',
})
`
const files = {
  'landfall.config.ts': configOf({ migrations: 'sql', backfills: 'jobs/*.ts' }),
  'jobs/users.ts': job(`jsonFile('users.json')`),
  'users.json': '[\n  { "id": "1", "name": "Ada" },\n  { "id": "2", "name": 5 },\n  { "id": "3" }\n]\n',
}
/** It says so when it hangs; what it has brought by then is in a batch of its own. */
const HANGING = `{ ...store('hanging', () => []), read: async function* () {
    const position = (record) => ({ record, line: null, offset: null })
    const item = (record) => ({ position: position(record), end: position(record), raw: {}, parsed: { ok: true, value: { id: String(record), name: 'n' } } })
    yield [item(1)]
    await new Promise((resolve) => setTimeout(resolve, 600))
    yield [item(2)]
    await new Promise(() => setInterval(() => {}, 1000))
  } }`

type Landfall = (...args: string[]) => ReturnType<Project['landfall']>
const at =
  (project: Project, url: string): Landfall =>
  (...args) =>
    project.landfall(args, { env: { DATABASE_URL: url, USER: 'ada', GITHUB_ACTOR: undefined } })

test('rejects are exported, mended, retried and discarded, and the run is finalized: each step with its exit code', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject(files)
  const landfall = at(project, db.url)
  expect((await landfall('migrate', 'up')).code).toBe(0)
  expect((await landfall('backfill', 'run', 'app/users', '--max-rejects', '70%')).code).toBe(1)
  const exported = await landfall('backfill', 'rejects', 'export', 'app/users')
  const [first, second] = exported.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(first).toEqual({
    id: expect.any(Number),
    run: expect.any(String),
    position: { record: 2, line: 3, offset: 36 },
    stage: 'schema',
    code: 'invalid_type',
    reason: expect.stringContaining('name'),
    raw: '{ "id": "2", "name": 5 }',
  })
  await project.write({ 'mended.ndjson': `${JSON.stringify({ ...first, mended: { id: '2', name: 'five' } })}\n` })
  expect((await landfall('backfill', 'rejects', 'retry', 'app/users', '--from', 'mended.ndjson')).code).toBe(1)
  expect((await landfall('backfill', 'finalize', '--check')).code).toBe(1)
  const id = String(second!['id'])
  expect((await landfall('backfill', 'rejects', 'discard', 'app/users', '--id', id)).code).toBe(2)
  expect(
    (await landfall('backfill', 'rejects', 'discard', 'app/users', '--id', id, '--yes', '--reason', 'a test')).code,
  ).toBe(0)
  expect((await landfall('backfill', 'verify')).code).toBe(0)
  expect((await landfall('backfill', 'finalize')).code).toBe(0)
  expect((await landfall('backfill', 'rollback', 'app/users')).code).toBe(5)
  const { stdout } = await landfall('backfill', 'history', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 1,
    runs: [
      {
        name: 'app/users',
        state: 'verified',
        actor: 'ada',
        read: 3,
        written: 2,
        rejected: 1,
        rejects: { open: 0, carried: 1, discarded: 1 },
        code: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), commit: null },
      },
    ],
  })
  expect(await db.sql`select * from users order by id`).toEqual([
    { id: '1', name: 'Ada' },
    { id: '2', name: 'five' },
  ])
})

test('a database of another machine is not written to unless it is confirmed', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({ ...files, 'users.json': '[{ "id": "1", "name": "Ada" }]' })
  const elsewhere = at(project, db.url.replace(/@(localhost|127\.0\.0\.1)/, '@127.1'))
  expect((await at(project, db.url)('migrate', 'up')).code).toBe(0)
  const asked = await elsewhere('backfill', 'run', 'app/users')
  expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('give --yes')])
  expect(await db.sql`select * from users`).toEqual([])
  expect((await elsewhere('backfill', 'run', 'app/users', '--yes')).code).toBe(0)
  expect((await elsewhere('backfill', 'rollback', 'app/users')).code).toBe(2)
  const plan = await elsewhere('backfill', 'rollback', 'app/users', '--plan')
  expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('undoes   1 row in 1 batch')])
  expect(await db.sql`select * from users`).toEqual([{ id: '1', name: 'Ada' }])
  expect((await elsewhere('backfill', 'rollback', 'app/users', '--yes')).code).toBe(0)
})

async function readsRecords(db: FreshDatabase): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const [run] = await db.sql`select read from landfall.backfill_run where state = 'running'`.catch(() => [])
    if (Number(run?.['read']) > 0) return
    await sleep(25)
  }
  throw new Error('no run has read anything')
}

test('a signal, a time budget and another terminal pause a run whose source hangs, each with its exit code', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({ ...files, 'jobs/users.ts': job(HANGING) })
  const landfall = at(project, db.url)
  expect((await landfall('migrate', 'up')).code).toBe(0)
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const running = project.start(['backfill', 'run', 'app/users', '--again', '--json'], {
      env: { DATABASE_URL: db.url },
    })
    await readsRecords(db)
    running.child.kill(signal)
    const ended = await running.ended
    expect([ended.code, JSON.parse(ended.stdout)]).toMatchObject([code, { runs: [{ state: 'paused', read: 2 }] }])
    expect(ended.stderr).toContain('next  landfall backfill resume app/users')
    await db.sql`truncate users, landfall.backfill_run cascade`
  }
  expect((await landfall('backfill', 'run', 'app/users', '--time-budget', '2s')).code).toBe(4)
  await db.sql`truncate users, landfall.backfill_run cascade`
  const running = project.start(['backfill', 'run', 'app/users'], { env: { DATABASE_URL: db.url } })
  await readsRecords(db)
  const watching = project.start(['backfill', 'status', '--watch', '--json'], { env: { DATABASE_URL: db.url } })
  await sleep(2_000)
  expect((await landfall('backfill', 'pause', 'app/users', '--reason', 'lunch')).code).toBe(0)
  expect((await running.ended).code).toBe(4)
  const watched = await watching.ended
  expect(watched.code).toBe(0)
  const seen = watched.stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { runs: { state: string }[] }).runs)
  expect(seen[0]).toMatchObject([{ state: 'running', read: 2 }])
})
