import type postgres from 'postgres'
import { afterAll, expect, test } from 'vitest'
import { asAdmin, dropKept, established, own, prove, table } from '../../fixtures/kept-proofs.ts'
import { migrationOf } from '../../fixtures/migration.ts'

afterAll(dropKept)

test('two new migrations on old ones replay two, and everything that is established is the same', async () => {
  const old = [
    ...own('grow', 2),
    migrationOf('3', 'insert into t1 values (1); create index marker_code on t1 (a);', 'drop index marker_code;'),
    migrationOf('4', 'create view marker_view as select id, a from t1;', 'select 1;'),
  ]
  const drop = migrationOf('6', "drop view marker_view; comment on table t1 is 'marker_new6';", null)
  const all = [...old, table('5', 'new5'), drop]
  const first = await prove(old)
  const second = await prove(all, { wanted: '5' })
  const third = await prove(all, { wanted: '5' })
  const without = await prove(all, { wanted: '5', cache: false })
  expect([first, third, without].map(({ ran }) => ran)).toEqual([
    ['grow1', 'grow2', 'code', 'view'],
    [],
    ['grow1', 'grow2', 'code', 'view', 'new5', 'view'],
  ])
  expect(second.ran.filter((mark) => mark !== 'view')).toEqual(['new5']) // the view is named by the one that drops it
  expect(second.proof.proofs[3]!.difference).toBe('schema')
  expect(established(second.proof)).toEqual(established(without.proof))
  expect(established(third.proof)).toEqual(established(without.proof))
})

test('a migration that is touched runs again, and so do all later ones, and none before', async () => {
  const start = own('touch', 3)
  await prove(start.slice(0, 1))
  await prove(start)
  const touched = start.map((m, n) => (n === 1 ? { ...m, up: { ...m.up, sql: `${m.up.sql} -- other` } } : m))
  expect([(await prove(start)).ran, (await prove(touched)).ran]).toEqual([[], ['touch2', 'touch3']])
})

test('what is damaged, half there or gone is made again', async () => {
  const migrations = own('harm', 2)
  const newest = (sql: postgres.Sql): Promise<string> =>
    sql`select key from template order by used_at desc limit 1`.then(([row]) => String(row!['key']))
  const before = await prove(migrations)
  const harms: Record<string, () => Promise<unknown>> = {
    'a proof that was cut': () =>
      asAdmin('landfall_cache', (sql) => sql`update proof set text = left(text, 100) where text like '%marker_harm2%'`),
    'a database that somebody changed': async () => {
      const name = `landfall_cache_${await asAdmin('landfall_cache', newest)}`
      await asAdmin('postgres', (sql) => sql`alter database ${sql(name)} allow_connections true`)
      await asAdmin(name, (sql) => sql`alter table app.t1 add column extra int`)
    },
    'a database that somebody dropped': async () => {
      const name = `landfall_cache_${await asAdmin('landfall_cache', newest)}`
      await asAdmin('postgres', (sql) => sql`drop database ${sql(name)}`)
    },
  }
  const ran: Record<string, string[][]> = {}
  for (const [what, harm] of Object.entries(harms)) {
    await harm()
    const [after, then] = [await prove(migrations), await prove(migrations)]
    ran[what] = [after.ran, then.ran]
    expect(established(after.proof)).toEqual(established(before.proof))
  }
  expect(ran).toEqual(Object.fromEntries(Object.keys(harms).map((what) => [what, [['harm1', 'harm2'], []]])))
})
