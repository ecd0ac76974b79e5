import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { configOf, soundProject } from '../fixtures/project.ts'

interface Status {
  readonly systems: {
    name: string
    pending: number
    migrations: { version: string; state: string; appliedAt: string | null }[]
  }[]
}

test('up, status and down work on the database that is named, in the environment or by flag', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({
    'sql/0002_email.up.sql': 'alter table users add column email text;',
    'sql/0002_email.down.sql': 'alter table users drop column email;',
  })
  const env = { DATABASE_URL: db.url }
  const states = async (): Promise<unknown> => {
    const { code, stdout } = await project.landfall(['migrate', 'status', '--json', '--exit-code'], { env })
    const { systems } = JSON.parse(stdout) as Status
    return [
      code,
      ...systems.flatMap(({ name, pending, migrations }) => [
        name,
        pending,
        ...migrations.map(({ version, state }) => `${version} ${state}`),
      ]),
    ]
  }
  expect(await states()).toEqual([1, 'app', 2, '0001 pending', '0002 pending'])
  const up = await project.landfall(['migrate', 'up'], { env })
  expect([up.code, up.stdout, up.stderr.replace(/\d+ ms/g, 'N ms')]).toEqual([
    0,
    '',
    'app: up 0001_create_users (N ms)\napp: up 0002_email (N ms)\n',
  ])
  expect(await states()).toEqual([0, 'app', 0, '0001 applied', '0002 applied'])
  const down = await project.landfall(['migrate', 'down', '--database-url', db.url])
  expect(down.code).toBe(0)
  await project.write({ 'sql/0001_create_users.up.sql': 'create table users (id text);' })
  expect(await states()).toEqual([1, 'app', 1, '0001 changed', '0002 pending'])
  const changed = await project.landfall(['migrate', 'up'], { env })
  expect([changed.code, changed.stderr.split('\n')[0]]).toEqual([
    1,
    'error 0001_create_users of app is not what was applied',
  ])
})

test('a migration that fails is exit 1 with its line; what was done before stays', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({
    'sql/0002_bad.up.sql': 'select 1;\nalter table users add column email no_such_type;',
    'sql/0002_bad.down.sql': 'select 1;',
  })
  const { code, stderr } = await project.landfall(['migrate', 'up', '--database-url', db.url])
  expect([code, stderr.split('\n').slice(1)]).toEqual([
    1,
    [
      'error sql/0002_bad.up.sql:2: app: 0002_bad fails: type "no_such_type" does not exist',
      'next  1 were done and stay; correct the script and run the command again',
      '',
    ],
  ])
})

test('a runner that cannot get the lock ends with 3 after --lock-wait; one system must be named to go down', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject()
  const holder = await db.sql.reserve()
  await holder`select pg_advisory_lock(hashtextextended('landfall migrate app', 0))`
  const start = performance.now()
  const { code, stderr } = await project.landfall(['migrate', 'up', '--lock-wait', '1', '--database-url', db.url])
  holder.release()
  expect([code, stderr.split('\n')[0]]).toEqual([
    3,
    expect.stringMatching(/^error another runner migrates app on postgres:/) as string,
  ])
  expect(stderr).not.toContain(new URL(db.url).password)
  expect(performance.now() - start).toBeGreaterThan(1000)
  await project.write({
    'landfall.config.ts': configOf({ systems: { a: { migrations: 'sql' }, b: { migrations: 'sql' } } }),
  })
  const down = await project.landfall(['migrate', 'down', '--database-url', db.url])
  expect([down.code, down.stderr.split('\n').at(-2)]).toEqual([2, 'next  name it with --system: a, b'])
})
