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

type Pair = readonly [up: string, down: string | null]

/** What is said of the second of two migrations. Each says only what its own tables are, so that all are proven in one go. */
interface Case {
  readonly pairs: readonly [Pair, Pair]
  readonly found: Promise<unknown>
}
const cases: Case[] = []
let proven: Promise<DataProof[]> | null = null

/** A case, with names of its own for its tables, indexes, types and functions. */
function last(...pairs: readonly [Pair, Pair]): Case {
  const mark = `_${100 + cases.length}`
  const own = (text: string): string => text.replaceAll(NAMES, `$<name>${mark}`)
  const index = cases.length * 2 + 1
  const found = async (): Promise<unknown> => {
    const proofs = await (proven ??= prove(
      cases.flatMap((each) => each.pairs).map(([up, down], n) => migrationOf(String(n + 1), up, down)),
    ))
    return JSON.parse(JSON.stringify(summary(proofs[index]!)).replaceAll(mark, '')) as unknown
  }
  const [before, change] = pairs.map(([up, down]): Pair => [own(up), down === null ? null : own(down)])
  let begun: Promise<unknown> | null = null
  const made: Case = {
    pairs: [before!, change!],
    get found() {
      return (begun ??= found())
    },
  }
  cases.push(made)
  return made
}
const NAMES = /\b(?<name>old_mood|mood|users|people|posts|other|touch|log|[tui])(?=\b|_(?:mail|id|author|a|b)_)/g

/** Cases that one test is about, each beside what is said of it. */
type Expected = [one: Case, said: unknown][]
const tests: [title: string, expected: Expected][] = []

/** A test: `that` takes a case, and what is said of it. */
function says(title: string, collect: (that: (one: Case, said: unknown) => void) => void): void {
  const expected: Expected = []
  collect((one, said) => void expected.push([one, said]))
  tests.push([title, expected])
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

says('a column that comes back without its data is a loss', (that) => {
  that(
    last(USERS, ['alter table users drop column mail', 'alter table users add column mail text']),
    lost("public.users.mail 4: id 70001: 'Grüße, world' became null"),
  )
})

says('a table that comes back empty is a loss of its rows', (that) => {
  that(last(USERS, ['drop table users', USERS[0]]), lost('public.users 5: id 70001 is gone'))
})

says('precision, time of day and text that were cut off are losses, each by its column', (that) => {
  const narrow =
    'alter table users alter amount type numeric(12,1), alter at type date, alter name type text using left(name, 4)'
  const wide = 'alter table users alter amount type numeric(12,4), alter at type timestamptz'
  that(
    last(USERS, [narrow, wide]),
    lost(
      "public.users.name 5: id 70001: 'Grüße, world' became 'Grüß'",
      "public.users.amount 4: id 70001: '1234.5679' became '1234.6'",
      "public.users.at 4: id 70001: '2001-02-03 02:05:06.789012' became '2001-02-03 00:00:00'",
    ),
  )
})

says('nulls that became something are a loss', (that) => {
  const up = "update users set mail = '' where mail is null; alter table users alter mail set not null"
  that(
    last(USERS, [up, 'alter table users alter mail drop not null']),
    lost("public.users.mail 1: id 70002: null became ''"),
  )
})

says('a label of an enum that was folded into another is a loss', (that) => {
  const moods = (labels: string, using: string): string => `
    alter type mood rename to old_mood; create type mood as enum (${labels});
    alter table t alter m type mood using (${using})::text::mood; drop type old_mood;`
  that(
    last(
      [
        "create type mood as enum ('sad', 'ok', 'happy'); create table t (id int primary key, m mood not null);",
        `${T} drop type mood;`,
      ],
      [
        moods("'sad', 'ok'", "case m::text when 'happy' then 'ok' else m::text end"),
        moods("'sad', 'ok', 'happy'", 'm'),
      ],
    ),
    lost("public.t.m 1: id 70004: 'happy' became 'ok'"),
  )
})

says('rows that the up script deletes are a loss', (that) => {
  that(last(USERS, ['delete from users where mail is null', 'select 1']), lost('public.users 1: id 70002 is gone'))
})

says('a column split in two and put together again is kept, and so is a renamed table', (that) => {
  const split = `alter table users add first_half text, add second_half text;
    update users set first_half = left(name, 3), second_half = substr(name, 4); alter table users drop name;`
  const join = `alter table users add name text; update users set name = first_half || second_half;
    alter table users alter name set not null, drop first_half, drop second_half;`
  that(last(USERS, [split, join]), kept)
  that(last(USERS, ['alter table users rename to people', 'alter table people rename to users']), kept)
})

says('without a primary key, what each column holds is compared', (that) => {
  const table = 'create table t (a text, b int);'
  that(
    last([table, T], ['alter table t drop b', 'alter table t add b int default 4']),
    lost("public.t.b 5: '70001' is in no row any more"),
  )
  that(last([table, T], ['create index on t (a)', 'drop index t_a_idx']), kept)
})

says('a long table is compared by its fingerprint', (that) => {
  const long =
    "create table t (id int primary key, a text); insert into t select n, 'x' || n from generate_series(1, 3000) n;"
  that(last([long, T], ['alter table t drop a', 'alter table t add a text']), lost('public.t.a 3005: null'))
  that(last([long, T], ['alter table t alter id type bigint', 'alter table t alter id type int']), kept)
})

says('a column without a default cannot be added once there is a row; nor does a down script add one', (that) => {
  that(
    last(USERS, ['\nalter table users add x int not null', 'alter table users drop x']),
    needsEmpty('2: column "x" of relation "users" contains null values', true),
  )
  that(last(USERS, ['alter table users drop name', 'alter table users add name text not null']), {
    ...kept,
    preserved: false,
    down: '1: column "name" of relation "users" contains null values',
  })
})

says('what depends on the rows is said to: duplicates, nulls, long texts, checks, references', (that) => {
  const other = 'create table other (mail text primary key);'
  const found = (up: string, down: string): Case =>
    last([`${USERS[0]};${other}`, `${USERS[1]};drop table other`], [up, down])
  that(
    found('create unique index u on users (mail)', 'drop index u'),
    needsEmpty('1: could not create unique index "u" (Key (mail)=(Grüße, world) is duplicated.)', false),
  )
  that(
    found('alter table users alter mail set not null', 'alter table users alter mail drop not null'),
    needsEmpty('1: column "mail" of relation "users" contains null values', false),
  )
  that(
    found('alter table users alter mail type varchar(20)', 'alter table users alter mail type text'),
    needsEmpty('1: value too long for type character varying(20)', false),
  )
  that(
    found('alter table users add check (length(mail) < 20)', 'alter table users drop constraint users_mail_check'),
    needsEmpty('1: check constraint "users_mail_check" of relation "users" is violated by some row', false),
  )
  that(
    found('alter table users add check (id < 0) not valid', 'alter table users drop constraint users_id_check'),
    kept,
  )
})

says('a reference that is added to a column depends on the rows; those that refer to something are kept', (that) => {
  const tables = `create table people (id bigint generated always as identity primary key);
    create table posts (id int primary key, author bigint not null)`
  const up = 'alter table posts add foreign key (author) references people (id)'
  const down = 'alter table posts drop constraint posts_author_fkey'
  that(last([tables, 'drop table people, posts'], [up, down]), {
    ...kept,
    up: '1: insert or update on table "posts" violates foreign key constraint "posts_author_fkey" (Key (author)=(70001) is not present in table "people".)',
  })
})

says('a migration that makes the rows fit first needs no empty tables', (that) => {
  const up = `alter table users add x int; update users set x = 1; alter table users alter x set not null;
    alter table users add y int not null default 3;`
  that(last(USERS, [up, 'alter table users drop x, drop y']), kept)
})

says("what triggers write by themselves is nobody's data", (that) => {
  const touched = `create table t (id int primary key, a text, changes int not null default 0, updated_at timestamptz not null default now());
    create table log (id bigint generated always as identity primary key, of int not null);
    create function touch() returns trigger language plpgsql as $$ begin
      new.updated_at := clock_timestamp(); new.changes := old.changes + 1; insert into log (of) values (old.id); return new;
    end $$;
    create trigger touch before update on t for each row execute function touch();`
  that(
    last(
      [touched, 'drop table log, t; drop function touch'],
      ['alter table t add b text; update t set b = a', 'alter table t drop b'],
    ),
    kept,
  )
})

says('an irreversible migration, and one without a way back, is tried upwards alone', (that) => {
  const up = 'alter table users drop column mail'
  that(last(USERS, [`-- landfall: irreversible the mail is gone\n${up}`, 'alter table users add mail text']), {
    ...kept,
    preserved: null,
  })
  that(last(USERS, [up, null]), { ...kept, preserved: null })
  that(
    last(USERS, ['-- landfall: irreversible no\nalter table users add x int not null', null]),
    needsEmpty('2: column "x" of relation "users" contains null values', true),
  )
})

says('what cannot run in a transaction is tried on a copy', (that) => {
  const concurrently = '-- landfall: no-transaction\n'
  that(
    last(USERS, [
      `${concurrently}create index concurrently i on users (name)`,
      `${concurrently}drop index concurrently i`,
    ]),
    kept,
  )
  that(
    last(USERS, [
      `${concurrently}create unique index concurrently i on users (name)`,
      `${concurrently}drop index concurrently i`,
    ]),
    needsEmpty('2: could not create unique index "i" (Key (name)=(Grüße, world) is duplicated.)', false),
  )
})

says('a table that no row can be made for is named, and nothing is concluded from it', (that) => {
  const never =
    "create table t (id int primary key, a text check (md5(a) = 'x'), b text not null check (md5(b) = 'x'));"
  that(last([never, T], ['alter table t drop a', 'alter table t add a text']), {
    ...kept,
    preserved: null,
    unfilled: ['public.t: no value was found that satisfies t_b_check'],
  })
})

test.each(tests)('%s', async (_, expected) => {
  for (const [one, said] of expected) expect(await one.found).toEqual(said)
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

test('migrations of months keep every row', async () => {
  const { migrations } = await readMigrations('.', migrationsSettings.parse('migrations/sql/workspace'))
  const proofs = await prove(migrations, 'workspace')
  expect(proofs.filter(({ preserved, unfilled }) => preserved !== true || unfilled.length > 0)).toEqual([])
  // Two make a column unique that was not: whether it can be is for the rows to say.
  const conditions = proofs
    .filter(({ upFailure }) => upFailure !== null)
    .map(({ migration, failsOnAnyRow }) => ({ version: migration.version, failsOnAnyRow }))
  expect(conditions).toEqual([
    { version: '0008', failsOnAnyRow: false },
    { version: '0009', failsOnAnyRow: false },
  ])
})
