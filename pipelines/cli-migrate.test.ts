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
  const up = await project.start(['migrate', 'up'], { env }).ended
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
  await using two = await soundProject({
    'landfall.config.ts': configOf({ systems: { a: { migrations: 'sql' }, b: { migrations: 'sql' } } }),
  })
  const down = await two.landfall(['migrate', 'down', '--database-url', db.url])
  expect([down.code, down.stderr.split('\n').at(-2)]).toEqual([2, 'next  name it with --system: a, b'])
})

test('so many up, redo, a dry run that writes nothing, and verify that finds what was edited', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject({
    'sql/0002_email.up.sql': 'alter table users add column email text;\n',
    'sql/0002_email.down.sql': 'alter table users drop column email;\n',
  })
  const env = { DATABASE_URL: db.url }
  const landfall = async (...args: string[]): Promise<unknown[]> => {
    const { code, stdout, stderr } = await project.landfall(['migrate', ...args], { env })
    return [code, stdout, stderr.replaceAll(/\d+ ms/g, 'N ms')]
  }
  expect(await landfall('up', '--dry-run', '--to', '1')).toEqual([
    0,
    '-- app: up 0001_create_users (sql/0001_create_users.up.sql, in one transaction, 1 statements)\ncreate table users (\n  id text primary key,\n  name text not null\n);\n',
    '',
  ])
  expect([...(await db.sql`select to_regnamespace('landfall')`)]).toEqual([{ to_regnamespace: null }])
  expect(await landfall('up', '1')).toEqual([0, '', 'app: up 0001_create_users (N ms)\n'])
  expect((await landfall('up', '1', '--to', '2'))[0]).toBe(2)
  expect((await landfall('up', '0'))[0]).toBe(2)
  expect((await landfall('up'))[0]).toBe(0)
  expect(await landfall('redo')).toEqual([0, '', 'app: down 2_email (N ms)\napp: up 0002_email (N ms)\n'])
  expect(await landfall('verify')).toEqual([0, 'app: nothing is wrong\n', ''])
  expect(await landfall('sum', '--check')).toEqual([1, 'app: there is no landfall.sum\n', ''])
  expect(await landfall('sum')).toEqual([0, 'sql/landfall.sum\n', ''])
  expect(await landfall('sum', '--check')).toEqual([0, '', ''])
  await project.write({ 'sql/0002_email.up.sql': 'alter table users add column email varchar;\n' })
  expect(await landfall('verify')).toEqual([
    1,
    'app: 0002_email is not what was applied: its up script was edited\napp: 0002_email.up.sql is not what landfall.sum says\n',
    '',
  ])
  const { code, report } = await project.reported(['check', 'files'])
  expect([code, report.findings.map(({ rule, location }) => [rule, location?.file, location?.line])]).toEqual([
    1,
    [['files/sum-stale', 'sql/landfall.sum', 6]],
  ])
})

test('new writes the next pair, and a baseline records what a database has already', async () => {
  await using db = await freshDatabase()
  await using project = await soundProject()
  const env = { DATABASE_URL: db.url }
  const created = await project.landfall(['migrate', 'new', 'Add email'])
  expect(created).toEqual({ code: 0, stdout: 'sql/0002_add_email.up.sql\nsql/0002_add_email.down.sql\n', stderr: '' })
  const without = await project.landfall(['migrate', 'baseline'], { env })
  expect([without.code, without.stderr.split('\n')[0]]).toEqual([
    2,
    'error a baseline needs to know what is there already',
  ])
  const recorded = await project.landfall(['migrate', 'baseline', '--to', '0001'], { env })
  expect(recorded).toEqual({ code: 0, stdout: '', stderr: 'app: recorded 0001_create_users as applied\n' })
  const from = await project.landfall(['migrate', 'baseline', '--from', 'goose'], { env })
  expect([from.code, from.stderr.split('\n')[0]]).toEqual([
    2,
    'error there is no table goose_db_version: this is no history of goose',
  ])
})

test('a SQLite file is migrated by the same commands, one system a file; what needs PostgreSQL says so', async () => {
  await using project = await soundProject({
    'landfall.config.ts': configOf({ systems: { app: { migrations: 'sql' }, other: { migrations: 'sql' } } }),
  })
  const env = { DATABASE_URL: 'sqlite:data/app.db' }
  const run = async (...args: string[]): Promise<[number | null, string]> => {
    const { code, stdout, stderr } = await project.start(args, { env }).ended
    return [code, (stdout + stderr).replace(/\d+ ms/, 'N ms').split('\n')[0]!]
  }
  expect(await run('migrate', 'up')).toEqual([2, 'error there are several systems, and a SQLite file means one'])
  expect(await run('migrate', 'status', '--system', 'app')).toEqual([
    3,
    'error cannot open the SQLite file data/app.db: there is no such file',
  ])
  expect(await run('migrate', 'up', '--system', 'app')).toEqual([0, 'app: up 0001_create_users (N ms)'])
  expect(await run('migrate', 'status', '--system', 'app', '--exit-code')).toEqual([0, 'app: 0 of 1 pending'])
  expect(await run('backfill', 'list')).toEqual([
    2,
    'error this command works on PostgreSQL, and a SQLite file is named',
  ])
})
