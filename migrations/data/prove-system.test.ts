import { expect, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import { migrationOf } from '../../fixtures/migration.ts'
import { readMigrations } from '../layouts/read.ts'
import type { Migration } from '../migration.ts'
import { proveSystem } from '../prove.ts'
import { migrationsSettings } from '../settings.ts'
import type { FixtureRows } from './generate.ts'
import type { DataProof } from './prove-data.ts'
import { proveSystemData } from './prove-system.ts'

/** The migrations, each proven with rows. */
async function prove(
  migrations: readonly Migration[],
  schema = 'public',
  fixtures: FixtureRows | null = null,
): Promise<DataProof[]> {
  await using databases = await testDatabases()
  const wants = (): boolean => true
  const proof = await proveSystem({ databases, migrations, schema, prelude: null, root: '.', wantsData: wants })
  return await proveSystemData({ proof, wants, fixtures })
}

/** What is said of the last of some migrations, given as up and down. */
async function last(...scripts: readonly (readonly [up: string, down: string | null])[]): Promise<unknown> {
  const proofs = await prove(scripts.map(([up, down], index) => migrationOf(String(index + 1), up, down)))
  return summary(proofs.at(-1)!)
}

const summary = ({ preserved, losses, upFailure, failsOnAnyRow, downFailure, unfilled }: DataProof) => ({
  preserved,
  losses: losses.map(
    ({ table, column, rows, example }) => `${table}${column === null ? '' : `.${column}`} ${rows}: ${example}`,
  ),
  up: upFailure === null ? null : `${upFailure.location.line}: ${upFailure.message}`,
  failsOnAnyRow,
  down: downFailure === null ? null : `${downFailure.location.line}: ${downFailure.message}`,
  unfilled: unfilled.map(({ table, reason }) => `${table}: ${reason}`),
})
const kept = { preserved: true, losses: [], up: null, failsOnAnyRow: false, down: null, unfilled: [] }

const USERS = [
  'create table users (id int primary key, name text not null, mail text, amount numeric(12,4), at timestamptz)',
  'drop table users',
] as const

const lost = (...losses: string[]): unknown => ({ ...kept, preserved: false, losses })
const needsEmpty = (up: string, failsOnAnyRow: boolean): unknown => ({
  ...kept,
  preserved: failsOnAnyRow ? null : true,
  up,
  failsOnAnyRow,
})
const T = 'drop table t;'

test('a column that comes back without its data is a loss', async () => {
  expect(await last(USERS, ['alter table users drop column mail', 'alter table users add column mail text'])).toEqual(
    lost("public.users.mail 4: id 70001: 'Grüße, world' became null"),
  )
})

test('a table that comes back empty is a loss of its rows', async () => {
  expect(await last(USERS, ['drop table users', USERS[0]])).toEqual(lost('public.users 5: id 70001 is gone'))
})

test('precision, time of day and text that were cut off are losses, each by its column', async () => {
  const narrow =
    'alter table users alter amount type numeric(12,1), alter at type date, alter name type text using left(name, 4)'
  const wide = 'alter table users alter amount type numeric(12,4), alter at type timestamptz'
  expect(await last(USERS, [narrow, wide])).toEqual(
    lost(
      "public.users.name 5: id 70001: 'Grüße, world' became 'Grüß'",
      "public.users.amount 4: id 70001: '1234.5679' became '1234.6'",
      "public.users.at 4: id 70001: '2001-02-03 02:05:06.789012' became '2001-02-03 00:00:00'",
    ),
  )
})

test('nulls that became something are a loss', async () => {
  const up = "update users set mail = '' where mail is null; alter table users alter mail set not null"
  expect(await last(USERS, [up, 'alter table users alter mail drop not null'])).toEqual(
    lost("public.users.mail 1: id 70002: null became ''"),
  )
})

test('a label of an enum that was folded into another is a loss', async () => {
  const moods = (labels: string, using: string): string => `
    alter type mood rename to old_mood; create type mood as enum (${labels});
    alter table t alter m type mood using (${using})::text::mood; drop type old_mood;`
  expect(
    await last(
      [
        "create type mood as enum ('sad', 'ok', 'happy'); create table t (id int primary key, m mood not null);",
        `${T} drop type mood;`,
      ],
      [
        moods("'sad', 'ok'", "case m::text when 'happy' then 'ok' else m::text end"),
        moods("'sad', 'ok', 'happy'", 'm'),
      ],
    ),
  ).toEqual(lost("public.t.m 1: id 70004: 'happy' became 'ok'"))
})

test('rows that the up script deletes are a loss', async () => {
  expect(await last(USERS, ['delete from users where mail is null', 'select 1'])).toEqual(
    lost('public.users 1: id 70002 is gone'),
  )
})

test('a column split in two and put together again is kept, and so is a renamed table', async () => {
  const split = `alter table users add first_half text, add second_half text;
    update users set first_half = left(name, 3), second_half = substr(name, 4); alter table users drop name;`
  const join = `alter table users add name text; update users set name = first_half || second_half;
    alter table users alter name set not null, drop first_half, drop second_half;`
  expect(await last(USERS, [split, join])).toEqual(kept)
  expect(await last(USERS, ['alter table users rename to people', 'alter table people rename to users'])).toEqual(kept)
})

test('without a primary key, what each column holds is compared', async () => {
  const table = 'create table t (a text, b int);'
  expect(await last([table, T], ['alter table t drop b', 'alter table t add b int default 4'])).toEqual(
    lost("public.t.b 5: '70001' is in no row any more"),
  )
  expect(await last([table, T], ['create index on t (a)', 'drop index t_a_idx'])).toEqual(kept)
})

test('a long table is compared by its fingerprint', async () => {
  const long =
    "create table t (id int primary key, a text); insert into t select n, 'x' || n from generate_series(1, 3000) n;"
  expect(await last([long, T], ['alter table t drop a', 'alter table t add a text'])).toEqual(
    lost('public.t.a 3005: null'),
  )
  expect(await last([long, T], ['alter table t alter id type bigint', 'alter table t alter id type int'])).toEqual(kept)
})

test('a column without a default cannot be added once there is a row; nor does a down script add one', async () => {
  expect(await last(USERS, ['\nalter table users add x int not null', 'alter table users drop x'])).toEqual(
    needsEmpty('2: column "x" of relation "users" contains null values', true),
  )
  expect(await last(USERS, ['alter table users drop name', 'alter table users add name text not null'])).toEqual({
    ...kept,
    preserved: false,
    down: '1: column "name" of relation "users" contains null values',
  })
})

test('what depends on the rows is said to: duplicates, nulls, long texts, checks, references', async () => {
  const other = 'create table other (mail text primary key);'
  const found = (up: string, down: string): Promise<unknown> =>
    last([`${USERS[0]};${other}`, `${USERS[1]};drop table other`], [up, down])
  expect(await found('create unique index u on users (mail)', 'drop index u')).toEqual(
    needsEmpty('1: could not create unique index "u" (Key (mail)=(Grüße, world) is duplicated.)', false),
  )
  expect(
    await found('alter table users alter mail set not null', 'alter table users alter mail drop not null'),
  ).toEqual(needsEmpty('1: column "mail" of relation "users" contains null values', false))
  expect(
    await found('alter table users alter mail type varchar(20)', 'alter table users alter mail type text'),
  ).toEqual(needsEmpty('1: value too long for type character varying(20)', false))
  expect(
    await found(
      'alter table users add check (length(mail) < 20)',
      'alter table users drop constraint users_mail_check',
    ),
  ).toEqual(needsEmpty('1: check constraint "users_mail_check" of relation "users" is violated by some row', false))
  expect(
    await found('alter table users add check (id < 0) not valid', 'alter table users drop constraint users_id_check'),
  ).toEqual(kept)
})

test('a reference that is added to a column depends on the rows; those that refer to something are kept', async () => {
  const tables = `create table people (id bigint generated always as identity primary key);
    create table posts (id int primary key, author bigint not null)`
  const up = 'alter table posts add foreign key (author) references people (id)'
  const down = 'alter table posts drop constraint posts_author_fkey'
  expect(await last([tables, 'drop table people, posts'], [up, down])).toEqual({
    ...kept,
    up: '1: insert or update on table "posts" violates foreign key constraint "posts_author_fkey" (Key (author)=(70001) is not present in table "people".)',
  })
})

test('a migration that makes the rows fit first needs no empty tables', async () => {
  const up = `alter table users add x int; update users set x = 1; alter table users alter x set not null;
    alter table users add y int not null default 3;`
  expect(await last(USERS, [up, 'alter table users drop x, drop y'])).toEqual(kept)
})

test("what triggers write by themselves is nobody's data", async () => {
  const touched = `create table t (id int primary key, a text, changes int not null default 0, updated_at timestamptz not null default now());
    create table log (id bigint generated always as identity primary key, of int not null);
    create function touch() returns trigger language plpgsql as $$ begin
      new.updated_at := clock_timestamp(); new.changes := old.changes + 1; insert into log (of) values (old.id); return new;
    end $$;
    create trigger touch before update on t for each row execute function touch();`
  expect(
    await last(
      [touched, 'drop table log, t; drop function touch'],
      ['alter table t add b text; update t set b = a', 'alter table t drop b'],
    ),
  ).toEqual(kept)
})

test('an irreversible migration, and one without a way back, is tried upwards alone', async () => {
  const up = 'alter table users drop column mail'
  expect(
    await last(USERS, [`-- landfall: irreversible the mail is gone\n${up}`, 'alter table users add mail text']),
  ).toEqual({ ...kept, preserved: null })
  expect(await last(USERS, [up, null])).toEqual({ ...kept, preserved: null })
  expect(await last(USERS, ['-- landfall: irreversible no\nalter table users add x int not null', null])).toEqual(
    needsEmpty('2: column "x" of relation "users" contains null values', true),
  )
})

test('what cannot run in a transaction is tried on a copy', async () => {
  const concurrently = '-- landfall: no-transaction\n'
  expect(
    await last(USERS, [
      `${concurrently}create index concurrently i on users (name)`,
      `${concurrently}drop index concurrently i`,
    ]),
  ).toEqual(kept)
  expect(
    await last(USERS, [
      `${concurrently}create unique index concurrently i on users (name)`,
      `${concurrently}drop index concurrently i`,
    ]),
  ).toEqual(needsEmpty('2: could not create unique index "i" (Key (name)=(Grüße, world) is duplicated.)', false))
})

test('a table that no row can be made for is named, and nothing is concluded from it', async () => {
  const never =
    "create table t (id int primary key, a text check (md5(a) = 'x'), b text not null check (md5(b) = 'x'));"
  expect(await last([never, T], ['alter table t drop a', 'alter table t add a text'])).toEqual({
    ...kept,
    preserved: null,
    unfilled: ['public.t: no value was found that satisfies t_b_check'],
  })
})

test('rows of the system go where they fit, whole or in part; what they lack is generated', async () => {
  const table = 'create table t (id int primary key, mail text not null, kind text not null);'
  const rows = [1, 2, 3].map((id) => JSON.stringify({ id, mail: `${id}@example.com`, later: 'x' }))
  const proofs = await prove(
    [
      migrationOf('1', table, T),
      migrationOf('2', 'create unique index u on t (mail)', 'drop index u'),
      migrationOf('3', 'alter table t drop mail', "alter table t add mail text not null default ''"),
    ],
    'public',
    new Map([['public.t', rows]]),
  )
  expect(proofs.map(summary)).toEqual([kept, kept, lost("public.t.mail 3: id 1: '1@example.com' became ''")])
})

test('the migrations of this repository keep every row', async () => {
  for (const system of ['design-log', 'workspace']) {
    const { migrations } = await readMigrations('.', migrationsSettings.parse(`migrations/sql/${system}`))
    const proofs = await prove(migrations, system.replace('-', '_'))
    const wrong = proofs.filter(({ preserved, unfilled }) => preserved !== true || unfilled.length > 0)
    expect(wrong).toEqual([])
    // Two make a column unique that was not: whether it can be is for the rows to say.
    const conditions = proofs
      .filter(({ upFailure }) => upFailure !== null)
      .map(({ migration, failsOnAnyRow }) => ({ version: migration.version, failsOnAnyRow }))
    expect(conditions).toEqual(
      system === 'workspace'
        ? [
            { version: '0008', failsOnAnyRow: false },
            { version: '0009', failsOnAnyRow: false },
          ]
        : [],
    )
  }
})
