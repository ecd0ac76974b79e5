import { expect, test } from 'vitest'
import { freshDatabase, type FreshDatabase } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import type { Migration } from './migration.ts'
import { migrateDown, migrateRedo, migrateStatus, migrateUp, type Target } from './runner.ts'

const targetOf = ({ url }: FreshDatabase, migrations: readonly Migration[], rest: Partial<Target> = {}): Target => ({
  url,
  system: 'app',
  schema: 'public',
  migrations,
  lockWaitMs: 0,
  ...rest,
})
const states = async (target: Target): Promise<string[]> =>
  (await migrateStatus(target)).map(({ version, state }) => `${version} ${state}`)
const heard = (): { said: string[]; onNotice: (text: string) => void } => {
  const said: string[] = []
  return { said, onNotice: (text) => void said.push(text) }
}
const invalid = async ({ sql }: FreshDatabase): Promise<string[]> =>
  (await sql<{ name: string }[]>`select indexrelid::regclass::text as name from pg_index where not indisvalid`).map(
    ({ name }) => name,
  )

const OUTSIDE = '-- landfall: no-transaction\n'
const table = migrationOf('1', 'create table t (n int); insert into t values (1), (1);', 'drop table t;')

test('an interrupted script goes on at its statement, with what it had set; the part that is done is not run again', async () => {
  await using db = await freshDatabase()
  const head = `${OUTSIDE}set search_path = s, public;\ncreate schema s;\ncreate table u (n int);\ninsert into u values (1);\n`
  const bad = migrationOf('1', `${head}insert into v values (1);\n`, 'drop schema s cascade;')
  const { failed } = await migrateUp(targetOf(db, [bad]))
  expect(failed?.failure.location).toEqual({ file: '1_test.up.sql', line: 6, column: 13 })
  const { said, onNotice } = heard()
  const good = targetOf(db, [migrationOf('1', `${head}insert into u values (2);\n`, 'drop schema s cascade;')], {
    onNotice,
  })
  expect(await states(good)).toEqual(['1 interrupted'])
  expect((await migrateUp(good)).failed).toBeNull()
  expect([...(await db.sql`select n from s.u order by n`)]).toEqual([{ n: 1 }, { n: 2 }])
  expect(said).toEqual(['1_test: goes on at line 6: 4 of 5 statements are done'])
  expect(await states(good)).toEqual(['1 applied'])
})

test('when statements that are done were edited, the script begins anew and says so', async () => {
  await using db = await freshDatabase()
  await migrateUp(targetOf(db, [migrationOf('1', `${OUTSIDE}create table u (n int);\nselect nothing;`, null)]))
  const { said, onNotice } = heard()
  const edited = migrationOf('1', `${OUTSIDE}create table if not exists u (n int);\nselect 1;`, null)
  expect((await migrateUp(targetOf(db, [edited], { onNotice }))).failed).toBeNull()
  expect(said).toEqual(['1_test: statements that were done have been edited: it begins anew'])
})

test("a script's own transactions count when they commit; one that is left open is rolled back and refused", async () => {
  await using db = await freshDatabase()
  const own = 'begin;\ncreate table u (n int);\ncommit;\nbegin;\ninsert into u values (1);\n'
  const lacking = migrationOf('1', `${own}insert into nowhere values (1);\ncommit;`, null)
  await migrateUp(targetOf(db, [lacking]))
  const whole = migrationOf('1', `${own}commit;`, null)
  expect((await migrateUp(targetOf(db, [whole]))).failed).toBeNull()
  expect([...(await db.sql`select n from u`)]).toEqual([{ n: 1 }])
  const { failed } = await migrateUp(targetOf(db, [whole, migrationOf('2', 'begin;\ndrop table u;', null)]))
  expect(failed?.failure).toMatchObject({
    message: 'the script ends within a transaction that it began: it was rolled back',
    location: { line: 1 },
  })
  expect([...(await db.sql`select n from u`)]).toEqual([{ n: 1 }])
})

test.for(['', 'if not exists '])(
  'the invalid index of a failed concurrent build is said, and dropped before the retry (%s)',
  async (clause) => {
    await using db = await freshDatabase()
    const unique = migrationOf('2', `${OUTSIDE}create unique index concurrently ${clause}t_n on t (n);`, null)
    const { said, onNotice } = heard()
    const target = targetOf(db, [table, unique], { onNotice })
    const { failed } = await migrateUp(target)
    expect(failed?.failure.message).toBe(
      'could not create unique index "t_n" (Key (n)=(1) is duplicated.) (the invalid index t_n is left behind; the next run drops it)',
    )
    expect(await invalid(db)).toEqual(['t_n'])
    await db.sql`delete from t`
    expect((await migrateUp(target)).failed).toBeNull()
    expect(said.at(-1)).toBe('2_test: dropped the invalid index t_n that an earlier attempt left behind')
    expect(await invalid(db)).toEqual([])
    expect(await states(target)).toEqual(['1 applied', '2 applied'])
  },
)

test('an index without a name is found again by what it is: done when it is whole, dropped when it is invalid', async () => {
  await using db = await freshDatabase()
  const first = 'create table u (n int); insert into u values (1), (1); create index before on u (n);'
  const two = `${OUTSIDE}create unique index concurrently on "t" (n, (n + 1)) where n > 0;\ncreate unique index concurrently on u (n);`
  const { said, onNotice } = heard()
  const target = targetOf(db, [table, migrationOf('2', first, null), migrationOf('3', two, null)], { onNotice })
  const failure = async (): Promise<string | undefined> => (await migrateUp(target)).failed?.failure.message
  expect(await failure()).toMatch(/the invalid index t_n_expr_idx is left behind; the next run drops it\)$/)
  await db.sql.unsafe('delete from t; reindex index t_n_expr_idx') // as if it had been killed right after
  expect(await failure()).toMatch(/the invalid index u_n_idx is left behind; the next run drops it\)$/)
  await db.sql`delete from u`
  expect(await failure()).toBeUndefined()
  expect(said).toEqual([
    '3_test: index t_n_expr_idx was complete before the interruption',
    '3_test: goes on at line 3: 1 of 2 statements are done',
    '3_test: dropped the invalid index u_n_idx that an earlier attempt left behind',
  ])
  const names = await db.sql<{ name: string }[]>`
    select indexrelid::regclass::text as name from pg_index where indrelid in ('t'::regclass, 'u'::regclass) order by 1`
  expect(names.map(({ name }) => name)).toEqual(['before', 't_n_expr_idx', 'u_n_idx'])
})

test('an index that was there before is no work of ours: the statement fails again and again', async () => {
  await using db = await freshDatabase()
  const index = migrationOf('2', `${OUTSIDE}create index concurrently t_n on t (n);`, null)
  const target = targetOf(db, [table, index])
  await migrateUp(target, { to: '1' })
  await db.sql`create index t_n on t (n desc)`
  for (let time = 0; time < 2; time++)
    expect((await migrateUp(target)).failed?.failure.message).toBe('relation "t_n" already exists')
})

test('a down script without a transaction is interrupted, blocks the way up, and goes on down', async () => {
  await using db = await freshDatabase()
  const down = `${OUTSIDE}drop index concurrently t_n;\ninsert into gone values (1);\ndrop table t;`
  const migration = migrationOf('1', 'create table t (n int); create index t_n on t (n);', down)
  const target = targetOf(db, [migration])
  await migrateUp(target)
  expect((await migrateDown(target, { count: 1 })).failed?.failure.location.line).toBe(3)
  expect(await states(target)).toEqual(['1 interrupted'])
  await expect(migrateUp(target)).rejects.toMatchObject({ code: 'migrations/interrupted-down' })
  await db.sql`create table gone (n int)`
  expect((await migrateDown(targetOf(db, []), { count: 1 })).failed).toBeNull()
  expect([...(await db.sql`select n from gone`)]).toEqual([{ n: 1 }])
  expect(await states(target)).toEqual(['1 pending'])
})

test('a way back without a transaction, and the reason of one that has none, are kept for a checkout without the files', async () => {
  await using db = await freshDatabase()
  const concurrent = migrationOf('2', 'create index t_n on t (n);', `${OUTSIDE}drop index concurrently t_n;`)
  const lost = migrationOf('3', '-- landfall: irreversible the rows are gone\ndelete from t;', null)
  await migrateUp(targetOf(db, [table, concurrent, lost]))
  const empty = targetOf(db, [])
  await expect(migrateDown(empty, { count: 1 })).rejects.toMatchObject({
    code: 'migrations/no-down',
    message: '3_test of app is irreversible: the rows are gone',
  })
  await db.sql`delete from landfall.migration where system = 'app' and version = '3'`
  expect((await migrateDown(empty, { to: '0' })).done.map(({ version }) => version)).toEqual(['2', '1'])
})

test('redo reverts the newest and applies them again; without the files it refuses before it reverts', async () => {
  await using db = await freshDatabase()
  const second = migrationOf('2', 'create table u ();', 'drop table u;')
  const target = targetOf(db, [table, second])
  await migrateUp(target)
  const { done } = await migrateRedo(target, 2)
  expect(done.map(({ direction, version }) => `${direction} ${version}`)).toEqual(['down 2', 'down 1', 'up 1', 'up 2'])
  await expect(migrateRedo(targetOf(db, [table]), 1)).rejects.toMatchObject({ code: 'migrations/missing' })
  expect(await states(target)).toEqual(['1 applied', '2 applied'])
})

test('a migration below the newest that is applied is refused, unless out of order is what is wanted', async () => {
  await using db = await freshDatabase()
  const [five, nine] = [migrationOf('5', 'select 5;', null), migrationOf('9', 'select 9;', null)]
  await migrateUp(targetOf(db, [table, nine]))
  const target = targetOf(db, [table, five, nine])
  await expect(migrateUp(target)).rejects.toMatchObject({
    kind: 'findings',
    code: 'migrations/out-of-order',
    message: '5_test of app comes before 9_test, which is applied',
  })
  expect(await states(target)).toEqual(['1 applied', '5 pending', '9 applied'])
  expect((await migrateUp(target, { outOfOrder: true })).done.map(({ version }) => version)).toEqual(['5'])
})

test('so many, in order', async () => {
  await using db = await freshDatabase()
  const target = targetOf(
    db,
    [1, 2, 3].map((n) => migrationOf(String(n), `create table t${n} ();`, null)),
  )
  expect((await migrateUp(target, { count: 2 })).done.map(({ version }) => version)).toEqual(['1', '2'])
  expect((await migrateUp(target, { count: 2 })).done.map(({ version }) => version)).toEqual(['3'])
})

test('what is repeated stands outside the order: a new version after it is not late', async () => {
  await using db = await freshDatabase()
  const repeated = migrationOf('R__views', 'create or replace view v as select 1 as one;', null)
  await migrateUp(targetOf(db, [table, repeated]))
  const next = migrationOf('2', 'create table u ();', 'drop table u;')
  expect((await migrateUp(targetOf(db, [table, next, repeated]))).done.map(({ version }) => version)).toEqual(['2'])
})
