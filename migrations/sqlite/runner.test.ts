import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrationOf } from '../../fixtures/migration.ts'
import { runnerProcess } from '../../fixtures/killed-runner.ts'
import { audit } from '../audit.ts'
import { baseline } from '../baseline.ts'
import type { Migration } from '../migration.ts'
import { preview } from '../preview.ts'
import { migrateDown, migrateRedo, migrateStatus, migrateUp, type Target } from '../runner.ts'

let root: string
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'landfall-sqlite-'))))
afterAll(() => rm(root, { recursive: true }))

const two = [
  migrationOf('0001', 'create table a (n integer);\ninsert into a values (1);', 'drop table a;'),
  migrationOf('0002', 'alter table a add column m text;', 'alter table a drop column m;'),
]
const targetOf = (file: string, migrations: readonly Migration[] = two, rest: Partial<Target> = {}): Target => ({
  url: `sqlite:${join(root, file)}`,
  system: 'app',
  schema: 'public',
  migrations,
  lockWaitMs: 5000,
  ...rest,
})
const opened = (file: string): DatabaseSync => new DatabaseSync(join(root, file))
const states = async (target: Target): Promise<string[]> =>
  (await migrateStatus(target)).map(({ version, state }) => `${version} ${state}`)

test('a SQLite file is made with its directory, goes up, down and up again, and keeps a history of versions and times', async () => {
  const target = targetOf('data/app.db')
  const before = Date.now()
  await migrateUp(target)
  using database = opened('data/app.db')
  const rows = database.prepare('select version, applied_at from schema_migrations order by version').all()
  expect(rows.map(({ version }) => version)).toEqual(['0001', '0002'])
  for (const { applied_at: at } of rows) expect(at).toSatisfy((ms: number) => ms >= before && ms <= Date.now())
  expect(database.prepare('select * from a').all()).toEqual([{ n: 1, m: null }])
  await migrateRedo(target, 1)
  expect(await states(target)).toEqual(['0001 applied', '0002 applied'])
  await migrateDown(target, { to: '0' })
  expect(await states(target)).toEqual(['0001 pending', '0002 pending'])
  expect(database.prepare("select name from sqlite_schema where type = 'table'").all()).toEqual([
    { name: 'schema_migrations' },
  ])
})

test('a script that fails leaves nothing half done, and is told by its file, line and column', async () => {
  const broken = migrationOf(
    '3',
    "-- a comment; with a semicolon\ncreate table b (t text default ';');\n\n  create index b_t on\n    b [t];",
    null,
  )
  const outcome = await migrateUp(targetOf('broken.db', [...two, broken]))
  expect({ done: outcome.done.length, failure: outcome.failed?.failure }).toEqual({
    done: 2,
    failure: {
      message: 'near "[t]": syntax error',
      sqlstate: null,
      syntax: true,
      location: { file: '3_test.up.sql', line: 5, column: 7 },
    },
  })
  using database = opened('broken.db')
  expect(database.prepare("select name from sqlite_schema where name = 'b'").all()).toEqual([])
  expect(await states(targetOf('broken.db', two))).toEqual(['0001 applied', '0002 applied'])
})

test('references hold while migrations run, and a trigger is one statement', async () => {
  const trigger = `create trigger counted after insert on a begin
    update a set n = case when new.n > 1 then 2 else 0 end; -- end;
    delete from a where n = 0;
  end;
  insert into a values (5), (0);`
  const refers = 'create table r (n integer references a (n));\ninsert into r values (7);'
  const target = targetOf('trigger.db', [
    migrationOf('1', 'create table a (n integer primary key);', null),
    migrationOf('2', refers, null),
  ])
  expect((await migrateUp(target)).failed?.failure).toMatchObject({
    message: 'FOREIGN KEY constraint failed',
    location: { line: 2 },
  })
  const triggered = targetOf('trigger.db', [target.migrations[0]!, migrationOf('3', trigger, null)])
  expect((await migrateUp(triggered)).failed?.failure).toMatchObject({ location: { line: 5, column: 3 } })
})

test('what was edited, is missing or comes too late is seen and refused, and the kept script leads back', async () => {
  const target = targetOf('edited.db')
  await migrateUp(target)
  const edited = targetOf('edited.db', [migrationOf('0001', 'create table a (x text);', 'drop table a;')])
  expect(await states(edited)).toEqual(['0001 changed', '0002 missing'])
  expect((await audit(edited)).map(({ what }) => what)).toEqual(['changed', 'missing'])
  await expect(migrateUp(edited)).rejects.toMatchObject({ code: 'migrations/changed' })
  const late = targetOf('edited.db', [...two, migrationOf('1.5', 'select 1;', null)])
  await expect(migrateUp(late)).rejects.toMatchObject({ code: 'migrations/out-of-order' })
  expect((await preview(edited, { down: { count: 1 } })).map(({ script }) => script.sql)).toEqual([two[1]!.down!.sql])
  await migrateDown(edited, { count: 1 })
  expect(await states(target)).toEqual(['0001 applied', '0002 pending'])
})

test('the history of another runner is taken over as it is', async () => {
  using database = opened('taken.db')
  database.exec(`create table schema_migrations (version text primary key, applied_at integer);
    insert into schema_migrations values ('0001_test.sql', 5); create table a (n integer)`)
  const target = targetOf('taken.db')
  expect(await migrateStatus(target)).toEqual([
    { version: '0001', name: 'test', state: 'applied', appliedAt: '1970-01-01T00:00:00.005Z' },
    { version: '0002', name: 'test', state: 'pending', appliedAt: null },
  ])
  await migrateUp(target)
  expect(database.prepare('select version, applied_at > 5 as later from schema_migrations').all()).toEqual([
    { version: '0001_test.sql', later: 0 },
    { version: '0002', later: 1 },
  ])
  await migrateDown(target, { to: '0' })
  expect(await states(target)).toEqual(['0001 pending', '0002 pending'])
})

test('a baseline records what is there; another tool’s history is asked for in vain', async () => {
  await baseline(targetOf('base.db'), { to: '1' })
  expect(await states(targetOf('base.db'))).toEqual(['0001 applied', '0002 pending'])
  await expect(baseline(targetOf('base.db'), { from: 'dbmate' })).rejects.toMatchObject({ kind: 'usage' })
})

test('a file belongs to one system, and has to be a database that is there', async () => {
  await migrateUp(targetOf('own.db'))
  const other = targetOf('own.db', two, { system: 'other' })
  const refusal = { code: 'migrations/other-system', kind: 'usage' }
  await expect(migrateUp(other)).rejects.toMatchObject(refusal)
  await expect(migrateStatus(other)).rejects.toMatchObject(refusal)
  await writeFile(join(root, 'text.db'), 'not a database, however long it may be\n'.repeat(100))
  const unreachable = { code: 'database/unreachable', kind: 'environment' }
  await expect(migrateUp(targetOf('text.db'))).rejects.toMatchObject(unreachable)
  await expect(migrateStatus(targetOf('none.db'))).rejects.toMatchObject(unreachable)
})

test('who writes is waited for, and then said to be in the way', async () => {
  await migrateUp(targetOf('busy.db'), { count: 1 })
  using database = opened('busy.db')
  database.exec('begin immediate')
  await expect(migrateUp(targetOf('busy.db', two, { lockWaitMs: 10 }))).rejects.toMatchObject({
    code: 'migrations/locked',
    kind: 'environment',
  })
  database.exec('rollback')
  await migrateUp(targetOf('busy.db'))
  expect(await states(targetOf('busy.db'))).toEqual(['0001 applied', '0002 applied'])
})

test('two runners at once apply each migration once', async () => {
  const many = Array.from({ length: 40 }, (_, n) =>
    migrationOf(String(n + 1), n === 0 ? 'create table a (n integer);' : `insert into a values (${n});`, null),
  )
  const target = targetOf('race.db', many)
  const runners = [1, 2].map(() => {
    const child = runnerProcess(target)
    return new Promise<number | null>((resolve) => child.on('close', resolve))
  })
  expect(await Promise.all(runners)).toEqual([0, 0])
  using database = opened('race.db')
  expect(database.prepare('select count(*) as rows, count(distinct n) as numbers from a').get()).toEqual({
    rows: 39,
    numbers: 39,
  })
})
