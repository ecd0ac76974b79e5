import { expect, test } from 'vitest'
import { testDatabases } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { proveSystemData } from './data/prove-system.ts'
import type { Migration } from './migration.ts'
import { proveSystem } from './prove.ts'
import { rolesCollide, rolesOf } from './roles.ts'

const rolesIn = async (up: string): Promise<string[]> => [...(await rolesOf([migrationOf('1', up, null)]))].toSorted()

test('the roles that migrations are about are read from their text; a name that is made up there is any', async () => {
  const texts = {
    'create role a': ['a'],
    'drop user if exists b, c': ['b', 'c'],
    'grant a to b': ['b'],
    'alter role a rename to z': ['a', 'z'],
    "comment on role a is 'x'": ['a'],
    'create user "Odd U"': ['Odd U'],
    'drop owned by current_user': ['*'],
    'do $$ begin if true then create role Reader; end if; end $$': ['reader'],
    "do $$ begin execute format('create role %I', 'x'); end $$": ['*'],
    'grant select on t to a': [],
    'create policy p on t to a using (true)': [],
    'create table roles (role text)': [],
  }
  const read: Record<string, string[]> = {}
  for (const text of Object.keys(texts)) read[text] = await rolesIn(text)
  expect(read).toEqual(texts)
  const collide = (a: string[], b: string[]): boolean => rolesCollide(new Set(a), new Set(b))
  expect([collide(['a'], ['b', 'a']), collide(['a'], ['*']), collide(['a'], ['b']), collide(['*'], [])]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

const reader = migrationOf(
  '2',
  'create role roles_reader; grant select on t to roles_reader;',
  'revoke select on t from roles_reader; drop role roles_reader;',
)

/** What came of each migration on empty tables, and, from the second on, with rows. */
async function outcomes(migrations: readonly Migration[]): Promise<unknown[]> {
  await using databases = await testDatabases()
  const wants = ({ version }: Migration): boolean => version !== '1'
  const proof = await proveSystem({
    databases,
    migrations,
    schema: 'public',
    prelude: null,
    root: '.',
    wantsData: wants,
  })
  const data = await proveSystemData({ proof, wants, fixtures: null })
  const names = (await proof.database.clone()).connect()
  const roles = await names`select rolname from pg_roles where starts_with(rolname, 'roles_')`
  await names.end()
  return [
    ...proof.proofs.map(({ state, upFailure, downFailure, downDifferences }, n) => [
      state,
      (upFailure ?? downFailure)?.message ?? downDifferences.map(({ kind, name }) => `${kind} ${name}`).join(),
      data[n - 1] && [data[n - 1]!.preserved, data[n - 1]!.upFailure?.message ?? null],
    ]),
    roles.map(({ rolname }) => String(rolname)),
  ]
}

test('a migration that drops an older role is proven although its way back is wrong, and so are those after it', async () => {
  const drop = migrationOf(
    '3',
    'revoke all on t from roles_reader; drop role roles_reader;',
    'create role roles_reader;',
  )
  const again = migrationOf('4', 'create role roles_reader login;', 'drop role roles_reader;')
  const loses = migrationOf(
    '5',
    'create role roles_writer; alter table t drop column n;',
    'drop role roles_writer; alter table t add n int;',
  )
  const table = migrationOf('1', 'create table t (id int primary key, n int);', 'drop table t;')
  expect(await outcomes([table, reader, drop, again, loses])).toEqual([
    ['proven', '', undefined],
    ['proven', '', [true, null]],
    ['failed', 'table public.t', [true, null]],
    ['proven', '', [true, null]],
    ['proven', '', [false, null]],
    ['roles_reader', 'roles_writer'],
  ])
})
