import { expect, test } from 'vitest'
import { freshDatabase, type FreshDatabase } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { audit } from './audit.ts'
import { baseline } from './baseline.ts'
import type { ForeignTool } from './foreign-history.ts'
import { migrateStatus, migrateUp, type Target } from './runner.ts'

const migrations = ['0001', '0002', '0003', '0004'].map((version) =>
  migrationOf(version, `create table t${Number(version)} ();`, `drop table t${Number(version)};`),
)
const targetOf = ({ url }: FreshDatabase): Target => ({
  url,
  system: 'app',
  schema: 'public',
  migrations,
  lockWaitMs: 0,
})
const states = async (target: Target): Promise<string[]> =>
  (await migrateStatus(target)).map(({ version, state }) => `${version} ${state}`)

test('what is there up to a version is recorded and not run; what the history knows stays; the rest goes up', async () => {
  await using db = await freshDatabase()
  const target = targetOf(db)
  expect((await baseline(target, { to: '2' })).map(({ version }) => version)).toEqual(['0001', '0002'])
  expect((await baseline(target, { to: '3' })).map(({ version }) => version)).toEqual(['0003'])
  expect((await migrateUp(target)).done.map(({ version }) => version)).toEqual(['0004'])
  expect([...(await db.sql`select tablename from pg_tables where schemaname = 'public'`)]).toEqual([
    { tablename: 't4' },
  ])
  await expect(baseline(target, { to: '9' })).rejects.toMatchObject({
    kind: 'usage',
    code: 'migrations/unknown-version',
  })
})

const histories: Readonly<Record<ForeignTool, string>> = {
  dbmate: `create table schema_migrations (version varchar primary key); insert into schema_migrations values ('0001'), ('0003')`,
  'golang-migrate':
    'create table schema_migrations (version bigint primary key, dirty boolean not null); insert into schema_migrations values (3, false)',
  goose: `create table goose_db_version (id serial primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp default '2024-01-02 03:04:05');
    insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), (2, true), (3, true), (2, false)`,
  'node-pg-migrate': `create table pgmigrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
    insert into pgmigrations (name, run_on) values ('0001_a', '2024-01-02'), ('0003_b', '2024-01-02')`,
  flyway: `create table flyway_schema_history (installed_rank int primary key, version varchar(50), description varchar(200), type varchar(20),
      script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp default now(), execution_time int, success boolean);
    insert into flyway_schema_history (installed_rank, version, type, success) values
      (1, '1', 'SQL', true), (2, '2', 'SQL', true), (3, '2', 'UNDO_SQL', true), (4, null, 'SQL', true), (5, '0003', 'SQL', true)`,
}

const imported: Readonly<Record<ForeignTool, readonly string[]>> = {
  dbmate: ['0001', '0003'],
  'golang-migrate': ['0001', '0002', '0003'],
  goose: ['0001', '0003'],
  'node-pg-migrate': ['0001', '0003'],
  flyway: ['0001', '0003'],
}

test.for(Object.keys(histories) as ForeignTool[])('the history of %s is read and left alone', async (tool) => {
  await using db = await freshDatabase()
  await db.sql.unsafe(histories[tool])
  const content = async (): Promise<unknown> =>
    db.sql`select query_to_xml(format('table %I', tablename), true, true, '')::text as rows from pg_tables where schemaname = 'public'`
  const before = await content()
  const target = targetOf(db)
  expect((await baseline(target, { from: tool })).map(({ version }) => version)).toEqual(imported[tool])
  expect(await content()).toEqual(before)
  expect(await states(target)).toEqual(
    migrations.map(({ version }) => `${version} ${imported[tool].includes(version) ? 'applied' : 'pending'}`),
  )
})

test('the times of another tool are kept; its failed migrations, unknown files and absent tables are refused', async () => {
  await using db = await freshDatabase()
  const target = targetOf(db)
  await expect(baseline(target, { from: 'goose' })).rejects.toMatchObject({ code: 'migrations/no-foreign-history' })
  await db.sql.unsafe(histories.goose)
  await baseline(target, { from: 'goose' })
  const [first] = await migrateStatus(target)
  expect(first?.appliedAt).toMatch(/^2024-01-0[123]T/)
  await db.sql.unsafe(histories['golang-migrate'])
  await db.sql`update schema_migrations set dirty = true`
  await expect(baseline(target, { from: 'golang-migrate' })).rejects.toMatchObject({
    code: 'migrations/foreign-failed',
  })
  await db.sql`update schema_migrations set dirty = false, version = 9`
  await expect(baseline(target, { from: 'golang-migrate' })).rejects.toMatchObject({
    code: 'migrations/unknown-version',
    message: 'app has no migration of version 9, which is applied in the history of golang-migrate',
  })
})

test('an audit names what is wrong, and nothing else: what is pending is well', async () => {
  await using db = await freshDatabase()
  const target = targetOf(db)
  expect(await audit(target)).toEqual([])
  await migrateUp(target, { to: '3' })
  expect(await audit(target)).toEqual([])
  await db.sql`create table dup (n int)`
  await db.sql`insert into dup values (1), (1)`
  await db.sql`create unique index concurrently dup_n on dup (n)`.catch(() => {})
  await db.sql`update landfall.migration set down_sql = 'drop table t4' where system = 'app' and version = '3'`
  const edited = [
    migrationOf('0001', 'create table other ();', 'drop table t1;'),
    migrationOf('0002', 'create table t2 ();', 'drop table if exists t2;'),
  ]
  const said = (await audit({ ...target, migrations: edited })).map(({ what, message }) => [what, message])
  expect(said).toEqual([
    ['changed', '0001_test is not what was applied: its up script was edited'],
    ['missing', '3_test is applied, and its file is gone'],
    ['down-changed', '2_test has another down script than when it was applied'],
    ['down-damaged', '3_test has a down script in the history that is not what was recorded'],
    [
      'invalid-index',
      'index public.dup_n on dup is invalid: a build that failed; drop index concurrently public.dup_n',
    ],
  ])
})
