import { expect, test } from 'vitest'
import { testDatabases } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { repairStatements } from './catalog/repair.ts'
import type { Migration } from './migration.ts'
import { originOf, proveSystem, type SystemProof } from './prove.ts'
import type { MigrationProof } from './prove-migration.ts'

async function prove(...migrations: Migration[]): Promise<SystemProof> {
  await using databases = await testDatabases()
  return await proveSystem({ databases, migrations, schema: 'public', prelude: null, root: '.' })
}

const summary = ({ state, reversible, difference, upFailure, downFailure, againFailure }: MigrationProof) => ({
  state,
  reversible,
  difference,
  failure: (upFailure ?? downFailure ?? againFailure)?.message ?? null,
  line: (upFailure ?? downFailure ?? againFailure)?.location.line ?? null,
})
const proven = { state: 'proven', reversible: true, difference: 'none', failure: null, line: null }

test('exact down scripts are proven, without a copy of the database', async () => {
  await using databases = await testDatabases()
  const migrations = [
    migrationOf('1', 'create table a (id int primary key, n text not null default 5);', 'drop table a;'),
    migrationOf('2', "alter table a add column extra text check (extra <> '');", 'alter table a drop column extra;'),
    migrationOf('3', "create type mood as enum ('a'); create table b (m mood);", 'drop table b; drop type mood;'),
  ]
  const { proofs, complete } = await proveSystem({ databases, migrations, schema: 'public', prelude: null, root: '.' })
  expect(proofs.map(summary)).toEqual([proven, proven, proven])
  expect(complete).toBe(true)
  expect((await databases.create()).name).toBe(`${databases.owner}_2`)
})

test('a bad down script is named with what it lacks, and hides no other', async () => {
  const { proofs } = await prove(
    migrationOf(
      '1',
      'create table a (id int primary key, n text default 5);\ncreate index a_n on a (n);',
      'drop table a;',
    ),
    migrationOf('2', 'drop index a_n;\nalter table a alter n drop default;', 'select 1;'),
    migrationOf('3', 'create table b ();', 'drop table c;'),
    migrationOf('4', 'create table d ();', 'drop table d;'),
  )
  expect(proofs.map(summary)).toEqual([
    proven,
    { state: 'failed', reversible: false, difference: 'schema', failure: 'index "a_n" does not exist', line: 1 },
    { state: 'failed', reversible: false, difference: null, failure: 'table "c" does not exist', line: 1 },
    proven,
  ])
  const { downDifferences, before } = proofs[1]!
  expect(repairStatements(downDifferences, before)).toEqual([
    'CREATE INDEX a_n ON public.a USING btree (n);',
    'alter table public.a alter column n set default 5;',
  ])
})

test('a difference in column order alone is cosmetic', async () => {
  const { proofs } = await prove(
    migrationOf('1', 'create table a (x int, y int);', 'drop table a;'),
    migrationOf('2', 'alter table a drop column x;', 'alter table a add column x int;'),
  )
  expect(proofs.map(summary)).toEqual([proven, { ...proven, difference: 'cosmetic' }])
})

test('an up that fails stops the replay, with its line, and skips what follows', async () => {
  const { proofs, complete } = await prove(
    migrationOf('1', 'create table a ();\n\n-- é\nalter table a\n  add column x no_such_type;', 'drop table a;'),
    migrationOf('2', 'create table b ();', 'drop table b;'),
  )
  expect(proofs.map(summary)).toEqual([
    { state: 'failed', reversible: null, difference: null, failure: 'type "no_such_type" does not exist', line: 5 },
    { state: 'skipped', reversible: null, difference: null, failure: null, line: null },
  ])
  expect(complete).toBe(false)
})

test('a syntax error in a down script has its line; one in an up fails the replay', async () => {
  const { proofs } = await prove(
    migrationOf('1', 'create table a ();', 'select 1;\ndorp table a;'),
    migrationOf('2', 'craete table b ();', 'drop table b;'),
  )
  expect(proofs.map(summary)).toEqual([
    { state: 'failed', reversible: false, difference: null, failure: 'syntax error at or near "dorp"', line: 2 },
    { state: 'failed', reversible: null, difference: null, failure: 'syntax error at or near "craete"', line: 1 },
  ])
})

test('what a transaction cannot do is proven on a clone', async () => {
  const { proofs } = await prove(
    migrationOf('1', "create table a (n int); create type mood as enum ('a');", 'drop table a; drop type mood;'),
    migrationOf(
      '2',
      '-- landfall: no-transaction\ncreate index concurrently a_n on a (n);',
      '-- landfall: no-transaction\ndrop index concurrently a_n;',
    ),
    migrationOf(
      '3',
      'create table f (id int primary key, p int references f deferrable initially deferred); insert into f values (1, 1);',
      'alter table f add x int; drop table f;',
    ),
    migrationOf('4', 'begin; create table g (); commit;', 'drop table g;'),
    migrationOf('5', "-- landfall: irreversible the labels stay\nalter type mood add value 'b';", null),
  )
  expect(proofs.map(summary)).toEqual([
    proven,
    proven,
    proven,
    proven,
    { ...proven, state: 'irreversible', reversible: null, difference: null },
  ])
})

test('a table left behind by a role or a setting of the script does not leak into the next one', async () => {
  const { proofs } = await prove(
    migrationOf('1', 'create schema other; set search_path = other;', 'drop schema other;'),
    migrationOf('2', 'create table here ();', 'drop table public.here;'),
  )
  expect(proofs.map(summary)).toEqual([proven, proven])
})

test('the line that last defined a column is known, renames and table constraints included', async () => {
  const proof = await prove(
    migrationOf('1', 'create table a (\n  id int primary key,\n  old text\n);', 'drop table a;'),
    migrationOf(
      '2',
      '-- say why\nalter table a\n  add column extra text,\n  alter column id set default 4;',
      'alter table a drop column extra, alter column id drop default;',
    ),
    migrationOf(
      '3',
      'alter table a rename column old to new;\nalter table a add constraint positive check (id > 0);',
      'alter table a drop constraint positive; alter table a rename column new to old;',
    ),
  )
  const line = (name: string): string => `${originOf(proof, name)?.file}:${originOf(proof, name)?.line}`
  expect(['public.a', 'public.a.id', 'public.a.extra', 'public.a.new', 'public.a.positive'].map(line)).toEqual([
    '1_test.up.sql:1',
    '2_test.up.sql:2',
    '2_test.up.sql:3',
    '3_test.up.sql:1',
    '3_test.up.sql:2',
  ])
})

test("roles are the cluster's: a proof on a clone removes those that it made, and a run those of its migrations", async () => {
  const migrations = [
    migrationOf('1', 'create table a (n int);', 'drop table a;'),
    migrationOf(
      '2',
      'create role proof_reader; grant select on a to proof_reader;',
      'revoke select on a from proof_reader; drop role proof_reader;',
    ),
    migrationOf(
      '3',
      'create role proof_writer; grant select on a to proof_writer;',
      'revoke select on a from proof_writer;',
    ),
  ]
  for (let run = 1; run <= 2; run++) {
    const { proofs } = await prove(...migrations)
    expect(proofs.map(summary)).toEqual([
      proven,
      proven,
      {
        state: 'failed',
        reversible: false,
        difference: 'schema',
        failure: 'role "proof_writer" already exists',
        line: 1,
      },
    ])
    expect(proofs[2]!.downDifferences.map(({ kind, name, change }) => `${kind} ${name} ${change}`)).toEqual([
      'role proof_writer extra',
    ])
  }
})

test('what a script leaves changed in its session is said; what is local to it is not', async () => {
  const { proofs } = await prove(
    migrationOf('1', "create table a (); set work_mem = '5MB';", 'drop table a;'),
    migrationOf('2', "set local work_mem = '5MB'; create table b ();", 'drop table b;'),
    migrationOf(
      '3',
      '-- landfall: no-transaction\nset role none; create temp table scratch (); select pg_advisory_lock(7);',
      'select 1;',
    ),
  )
  expect(proofs.map(({ sessionLeaks }) => sessionLeaks)).toEqual([
    ['work_mem'],
    [],
    ['advisory lock 7', 'temporary relation scratch'],
  ])
})

test('an index that is left invalid is named, also when the script failed', async () => {
  const { proofs } = await prove(
    migrationOf('1', 'create table a (n int); insert into a values (1), (1);', 'drop table a;'),
    migrationOf(
      '2',
      '-- landfall: no-transaction\ncreate unique index concurrently a_n on a (n);',
      '-- landfall: no-transaction\ndrop index concurrently a_n;',
    ),
  )
  expect(proofs.map(({ state, invalidIndexes }) => ({ state, invalidIndexes }))).toEqual([
    { state: 'proven', invalidIndexes: [] },
    { state: 'failed', invalidIndexes: ['public.a_n'] },
  ])
})

test('indexes made outside a transaction are proven where they are; a down that leaves one is told from a state made again', async () => {
  await using databases = await testDatabases()
  const outside = (sql: string): string => `-- landfall: no-transaction\n${sql}`
  const migrations = [
    migrationOf('1', 'create table a (n int, m int);', 'drop table a;'),
    migrationOf(
      '2',
      outside('create index concurrently a_n on a (n);'),
      outside('drop index concurrently if exists a_m;'),
    ),
    migrationOf('3', outside('create index concurrently a_m on a (m);'), outside('drop index concurrently a_m;')),
    migrationOf('4', outside('drop index concurrently a_m;'), outside('create index concurrently a_m on a (m desc);')),
    migrationOf('5', 'create index a_nm on a (n, m);', 'drop index a_nm;'),
  ]
  const { proofs } = await proveSystem({ databases, migrations, schema: 'public', prelude: null, root: '.' })
  expect(proofs.map(summary)).toEqual([
    proven,
    {
      state: 'failed',
      reversible: false,
      difference: 'schema',
      failure: 'relation "a_n" already exists',
      line: 2,
    },
    proven,
    { state: 'failed', reversible: false, difference: 'schema', failure: null, line: null },
    proven,
  ])
  expect(proofs.map(({ after }) => after!.filter(({ kind }) => kind === 'index').map(({ name }) => name))).toEqual([
    [],
    ['public.a_n'],
    ['public.a_m', 'public.a_n'],
    ['public.a_n'],
    ['public.a_n', 'public.a_nm'],
  ])
  // The first; for each of the two that are broken the first made again, and a copy of it.
  expect((await databases.create()).name).toBe(`${databases.owner}_6`)
})

test('two replays that differ from one another are told apart from one that does not', async () => {
  const random = "do $$ begin execute format('create table t%s ()', (random() * 1e9)::int); end $$;"
  const proof = await prove(
    migrationOf('1', 'create table steady (at timestamptz default now());', 'drop table steady;'),
    migrationOf('2', "create table made (at timestamptz default 'now'::timestamptz);", 'drop table made;'),
    migrationOf('3', random, null),
  )
  expect(
    proof.nonDeterministic.map(
      ({ change, kind, name, fields }) => `${change} ${kind} ${name.replace(/\d+/, '…')} ${fields.join()}`,
    ),
  ).toEqual(['renamed table public.t… name', 'changed column public.made.at default'])
})

test('roles that a migration makes are there once', async () => {
  const name = `landfall_test_${Date.now()}`
  const proof = await prove(
    migrationOf(
      '1',
      `create role ${name}; create table a (); grant select on a to ${name};`,
      `drop table a; drop role ${name};`,
    ),
    migrationOf('2', `begin; comment on role ${name} is 'reads'; commit;`, `comment on role ${name} is null;`),
    migrationOf(
      '3',
      `drop table a; drop role ${name};`,
      `create role ${name}; comment on role ${name} is 'reads'; create table a (); grant select on a to ${name};`,
    ),
  )
  expect(proof.proofs.map(summary)).toEqual([proven, proven, proven])
})

test('objects of a kind that nobody knows are counted', async () => {
  const { unknownObjects } = await prove(migrationOf('1', 'select lo_create(0);', null))
  expect(unknownObjects).toEqual([{ catalog: 'pg_largeobject_metadata', count: 1 }])
})
