import { afterAll, expect, test } from 'vitest'
import { asAdmin, dropKept, own, prove, table } from '../../fixtures/kept-proofs.ts'
import { migrationOf } from '../../fixtures/migration.ts'

afterAll(dropKept)

test('nothing is kept from a failure on, nor of roles, nor where two replays differ', async () => {
  const [one, two, three] = own('bad', 3)
  const fails = migrationOf('2', 'create table marker_fails (x nonsense);', 'select 1;')
  const random = migrationOf(
    '2',
    "do $$ begin execute format('create table marker_random_%s ()', floor(random() * 1e9)); end $$;",
    'select 1;',
  )
  const role = migrationOf('2', 'create role marker_role;', 'drop role marker_role;')
  for (const [second, marks] of [
    [fails, ['bad1', 'fails']],
    [random, ['bad1', 'random_', 'bad3']],
    [role, ['bad1', 'role', 'bad3']],
  ] as const)
    for (const _ of [1, 2]) expect((await prove([one!, second, three!])).ran).toEqual(marks)
  expect((await prove([one!, random, three!])).proof.nonDeterministic.length).toBeGreaterThan(0)
  expect((await prove([one!, two!])).ran).toEqual(['bad1', 'bad2'])
})

test('runs at the same time do not hinder one another', async () => {
  const migrations = own('crowd', 3)
  const runs = await Promise.all([1, 2, 3].map(() => prove(migrations)))
  expect(runs.map(({ proof }) => proof.proofs.map(({ state }) => state))).toEqual(
    runs.map(() => ['proven', 'proven', 'proven']),
  )
  const again = await Promise.all([1, 2, 3].map(() => prove([...migrations, table('9', 'crowd9')])))
  expect(again.map(({ ran }) => ran)).toEqual([['crowd9'], ['crowd9'], ['crowd9']])
})

test('what was of use longest ago goes first when there is too much, and what a stranger made is left alone', async () => {
  const strangers = `landfall_cache_${'f'.repeat(32)}`
  await asAdmin('postgres', (sql) => sql`create database ${sql(strangers)}`)
  const [one, two] = [own('old', 1), own('young', 1)]
  await prove(one)
  await prove(two)
  await prove(one)
  const [size] = await asAdmin('postgres', (sql) => sql`select pg_database_size(${strangers})::int as bytes`)
  await prove(own('newest', 1), { limitBytes: 2.5 * size!['bytes'] })
  const [again, gone] = [await prove(one), await prove(two)]
  expect([again.ran, gone.ran]).toEqual([[], ['young1']])
  const left = await asAdmin('postgres', (sql) => sql`select 1 from pg_database where datname = ${strangers}`)
  expect(left.length).toBe(1)
})
