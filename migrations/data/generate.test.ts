import fc from 'fast-check'
import type { Sql } from 'postgres'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { transaction } from '../transaction.ts'
import { fillTables, type Unfilled } from './generate.ts'
import { takeSnapshot, type Snapshot } from './snapshot.ts'
import { readTables } from './tables.ts'

/** Fills what some SQL makes, and gives what stands in the tables then. */
async function filled(sql: Sql, script: string): Promise<{ unfilled: Unfilled[]; rows: Snapshot }> {
  await sql.unsafe(script)
  return transaction(sql, async (tx) => {
    const unfilled = await fillTables(tx, await readTables(tx), { style: 'varied', fixtures: null })
    return { unfilled, rows: await takeSnapshot(tx) }
  })
}

const counts = ({ unfilled, rows }: { unfilled: Unfilled[]; rows: Snapshot }) => ({
  unfilled,
  rows: Object.fromEntries([...rows].map(([table, { count }]) => [table, count])),
})

/** The values of one column, in the order in which they went in. */
const column = (rows: Snapshot, table: string, name: string): (string | null)[] =>
  rows.get(table)!.rows!.map((row) => row[rows.get(table)!.columns.indexOf(name)]!)

test('every base type gets values, nulls where they may be, and duplicates where nothing forbids them', async () => {
  await using db = await freshDatabase()
  const types =
    `bool int2 int4 int8 numeric numeric(6,2) float4 float8 money text varchar varchar(5) char(3) "char" name uuid date time time(0)
    timetz timestamp timestamp(3) timestamptz interval bytea inet cidr macaddr macaddr8 json jsonb xml bit(8) varbit(20) point line lseg box path
    polygon circle tsvector tsquery pg_lsn oid int4range int8range numrange daterange tsrange tstzrange int4multirange datemultirange text[] int[]
    varchar(4)[] jsonb[] uuid[] numeric(5,1)[] regclass mood moods pair pair[] mail money_range`.split(/\s+/)
  const { rows, unfilled } = await filled(
    db.sql,
    `create type mood as enum ('sad', 'o''k', 'a b'); create type moods as enum ('x');
     create type pair as (a int, b text); create domain mail as text not null check (value ~ '^[^@]+@[^@]+$');
     create type money_range as range (subtype = numeric);
     create table t (${types.map((type, n) => `c${n} ${type}`).join(', ')})`,
  )
  expect(unfilled).toEqual([])
  const without = types.filter((type, n) => column(rows, 'public.t', `c${n}`)[0] === null)
  expect(without).toEqual([])
  const notDoubled = types.filter(
    (_, n) => column(rows, 'public.t', `c${n}`)[0] !== column(rows, 'public.t', `c${n}`)[1],
  )
  expect(notDoubled).toEqual([])
  const neverNull = types.filter((_, n) => !column(rows, 'public.t', `c${n}`).includes(null))
  expect(neverNull).toEqual(['mail'])
  expect(new Set(column(rows, 'public.t', `c${types.indexOf('mood')}`))).toEqual(new Set(['sad', "o'k", 'a b', null]))
})

test('equal tables get equal rows', async () => {
  await using one = await freshDatabase()
  await using other = await freshDatabase()
  const script =
    "create table t (id uuid primary key, a text unique, b int check (b between 3 and 9), c jsonb not null default '{}')"
  expect((await filled(one.sql, script)).rows).toEqual((await filled(other.sql, script)).rows)
})

test('checks are satisfied: lists, ranges, lengths, shapes, several columns, JSON', async () => {
  await using db = await freshDatabase()
  const all = await filled(
    db.sql,
    `create table t (
      id text primary key check (length(id) = 26),
      status text not null check (status in ('todo', 'doing', 'done')),
      done_at timestamptz check ((status = 'done') = (done_at is not null)),
      low int not null, high int not null check (high > low), percent numeric(5,2) not null check (percent >= 0 and percent <= 100),
      code char(3) not null check (code ~ '^[A-Z]{3}$'), mail text not null check (mail like '%_@_%'),
      slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'), hash bytea not null check (octet_length(hash) = 32),
      settings jsonb not null check (jsonb_typeof(settings) = 'object' and settings ? 'theme'),
      tags text[] not null check (cardinality(tags) between 1 and 3), a int, b int, check (num_nonnulls(a, b) = 1))`,
  )
  expect(counts(all)).toEqual({ unfilled: [], rows: { 'public.t': 12 } })
  expect(new Set(column(all.rows, 'public.t', 'status'))).toEqual(new Set(['todo', 'doing', 'done']))
})

test('references find their rows: of several columns, sharing one, to itself, in a cycle', async () => {
  await using db = await freshDatabase()
  const all = await filled(
    db.sql,
    `create table tenants (id uuid primary key);
     create table users (tenant uuid references tenants, id int, primary key (tenant, id));
     create table projects (tenant uuid not null, id text, owner int not null, lead int, primary key (tenant, id),
       foreign key (tenant, owner) references users (tenant, id), foreign key (tenant, lead) references users (tenant, id));
     create table members (tenant uuid, project text, member int, primary key (tenant, project, member),
       foreign key (tenant, project) references projects (tenant, id), foreign key (tenant, member) references users (tenant, id));
     create table nodes (id bigint generated always as identity primary key, parent bigint references nodes, twin bigint not null references nodes);
     create table a (id int primary key, b int); create table b (id int primary key, a int not null references a);
     alter table a add foreign key (b) references b;`,
  )
  expect(counts(all)).toEqual({
    unfilled: [],
    rows: {
      'public.a': 5,
      'public.b': 5,
      'public.members': 5,
      'public.nodes': 5,
      'public.projects': 5,
      'public.tenants': 5,
      'public.users': 5,
    },
  })
  expect(column(all.rows, 'public.projects', 'lead').filter((lead) => lead === null).length).toBe(1)
})

test('identities, generated columns, partitions, triggers and forced row-level security are got along with', async () => {
  await using db = await freshDatabase()
  const all = await filled(
    db.sql,
    `create table numbered (id int generated always as identity primary key, s serial, twice int generated always as (s * 2) stored);
     create table parts (at date not null, kind text not null) partition by range (at);
     create table parts_2024 partition of parts for values from ('2024-01-01') to ('2025-01-01') partition by list (kind);
     create table parts_2024_a partition of parts_2024 for values in ('a', 'b');
     create table parts_rest partition of parts default;
     create table hashed (id uuid primary key) partition by hash (id);
     create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
     create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
     create table of_hashed (id uuid not null references hashed);
     create table secured (tenant text not null); alter table secured enable row level security; alter table secured force row level security;
     create table guarded (n int not null); create function guard() returns trigger language plpgsql as $$ begin raise exception 'never'; end $$;
     create trigger guard before insert on guarded for each row execute function guard();
     create table empty ();`,
  )
  const { unfilled, rows } = counts(all)
  expect(unfilled).toEqual([{ table: 'public.guarded', reason: 'never' }])
  expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([['public.guarded', 0]])
  expect(column(all.rows, 'public.parts', 'kind')).toEqual(expect.arrayContaining(['a', 'b', 'alpha']))
  const [forced] = await db.sql`select relforcerowsecurity as forced from pg_class where relname = 'secured'`
  expect(forced).toEqual({ forced: true })
})

test('any table of these columns gets rows that differ where they must', async () => {
  await using db = await freshDatabase()
  const types = [
    'int',
    'bigint',
    'text',
    'varchar(8)',
    'uuid',
    'boolean',
    'timestamptz',
    'numeric(8,2)',
    'jsonb',
    'text[]',
    'date',
    'mood',
  ]
  const columns = fc.array(
    fc.record({
      type: fc.constantFrom(...types),
      notNull: fc.boolean(),
      unique: fc.boolean(),
      name: fc.constantFrom('a', 'B c', '"', 'é', 'select', 'n'),
    }),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  await db.sql.unsafe("create type mood as enum ('sad', 'ok')")
  const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(columns, fc.constantFrom('t', 'Odd "name"', 'a.b'), async (some, name) => {
      const parts = some.map(
        ({ type, notNull, unique, name: base }, n) =>
          `${quote(base + n)} ${type}${notNull ? ' not null' : ''}${unique && type !== 'jsonb' ? ' unique' : ''}`,
      )
      const { unfilled, rows } = await filled(db.sql, `create table ${quote(name)} (${parts.join(', ')})`)
      await db.sql.unsafe(`drop table ${quote(name)}`)
      expect(unfilled).toEqual([])
      const [table] = [...rows.values()]
      const narrow = some.some(({ unique, type }) => unique && (type === 'boolean' || type === 'mood'))
      expect(table!.count).toBeGreaterThanOrEqual(narrow ? 2 : 5)
      for (const [n, { notNull }] of some.entries()) expect(table!.rows!.some((row) => row[n] === null)).toBe(!notNull)
    }),
    { numRuns: 40 },
  )
})
