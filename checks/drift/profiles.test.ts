import { sql as raw } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import pgDriver from 'pg'
import postgres, { type Sql } from 'postgres'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { readCatalog } from '../../migrations/catalog/read.ts'
import { type Column, relationsOf } from '../../migrations/catalog/relations.ts'
import { type Arrival, type Profile, profileOf } from './profiles.ts'

/** A column of every kind, and a value for it. */
const SAMPLES: Readonly<Record<string, string>> = {
  bool: `true`,
  int2: `7`,
  int4: `7`,
  int8: `9007199254740993`,
  oid: `7`,
  float4: `1.5`,
  float8: `1.5`,
  numeric: `1.10`,
  money: `12.34`,
  text: `'a'`,
  varchar: `'a'`,
  'char(3)': `'a'`,
  '"char"': `'a'`,
  name: `'a'`,
  uuid: `'00000000-0000-4000-8000-000000000001'`,
  date: `'2020-01-02'`,
  timestamp: `'2020-01-02 03:04:05'`,
  timestamptz: `'2020-01-02 03:04:05+00'`,
  time: `'03:04:05'`,
  timetz: `'03:04:05+00'`,
  interval: `'1 day'`,
  bytea: `'\\x01'`,
  json: `'{"a": 1}'`,
  jsonb: `'{"a": 1}'`,
  inet: `'10.0.0.1'`,
  cidr: `'10.0.0.0/8'`,
  macaddr: `'08:00:2b:01:02:03'`,
  'bit(3)': `b'101'`,
  varbit: `b'101'`,
  xml: `'<a/>'`,
  tsvector: `'a b'`,
  tsquery: `'a & b'`,
  jsonpath: `'$.a'`,
  int4range: `'[1,5)'`,
  tstzrange: `'[2020-01-01,)'`,
  int4multirange: `'{[1,5)}'`,
  point: `'(1,2)'`,
  circle: `'<(1,2),3>'`,
  box: `'(1,2),(3,4)'`,
  polygon: `'((1,2),(3,4))'`,
  regclass: `'pg_class'`,
  pg_lsn: `'0/0'`,
  macaddr8: `'08:00:2b:01:02:03:04:05'`,
  line: `'{1,2,3}'`,
  lseg: `'[(1,2),(3,4)]'`,
  path: `'[(1,2),(3,4)]'`,
  int8range: `'[1,5)'`,
  numrange: `'[1,5)'`,
  tsrange: `'[2020-01-01,)'`,
  daterange: `'[2020-01-01,)'`,
  int8multirange: `'{[1,5)}'`,
  nummultirange: `'{[1,5)}'`,
  tsmultirange: `'{[2020-01-01,)}'`,
  tstzmultirange: `'{[2020-01-01,)}'`,
  datemultirange: `'{[2020-01-01,)}'`,
  int2vector: `'1 2'`,
  oidvector: `'1 2'`,
  xid: `'7'`,
  xid8: `'7'`,
  cid: `'7'`,
  tid: `'(0,1)'`,
  txid_snapshot: `'1:1:'`,
  pg_snapshot: `'1:1:'`,
  refcursor: `'a'`,
  regcollation: `'"C"'`,
  regconfig: `'english'`,
  regdictionary: `'simple'`,
  regnamespace: `'public'`,
  regoper: `'||/'`,
  regoperator: `'+(int4,int4)'`,
  regproc: `'now'`,
  regprocedure: `'now()'`,
  regrole: `'pg_monitor'`,
  regtype: `'text'`,
  aclitem: `'pg_monitor=r/pg_monitor'`,
  mood: `'ok'`,
  pair: `row(1, 'x')::pair`,
  positive: `3`,
  title: `'a'`,
  label_list: `array['a']`,
}

const types = Object.keys(SAMPLES).filter((type) => type !== 'label_list')
const COLUMNS: readonly (readonly [name: string, type: string, value: string])[] = [
  ...Object.entries(SAMPLES).map(([type, value], index) => [`s${index}`, type, value] as const),
  ...types.map((type, index) => [`a${index}`, `${type}[]`, `array[${SAMPLES[type]}]::${type}[]`] as const),
]

const SCHEMA = `
  create type mood as enum ('ok', 'bad');
  create type pair as (n int4, t text);
  create domain positive as int4 check (value > 0);
  create domain title as text not null;
  create domain label_list as text[];
  create table sample (${COLUMNS.map(([name, type]) => `${name} ${type}`).join(', ')});
  insert into sample values (${COLUMNS.map(([, , value]) => value).join(', ')});
`

// What PostgreSQL keeps for itself: no column of a team's table has them.
const INTERNAL = /^(?:pg_(?!lsn|snapshot)|gtsvector)/

test('the samples are of every type that PostgreSQL has', async () => {
  await using db = await freshDatabase()
  const found = await db.sql<{ name: string }[]>`
    select typname as name from pg_type
    where typtype in ('b', 'r', 'm') and typelem = 0 and typnamespace = 'pg_catalog'::regnamespace
    union select typname from pg_type where typname in ('int2vector', 'oidvector', 'name', 'point', 'box', 'lseg', 'line')`
  const sampled = new Set(Object.keys(SAMPLES).map((type) => ALIASES[type] ?? type))
  const missing = found.map(({ name }) => name).filter((name) => !INTERNAL.test(name) && !sampled.has(name))
  expect([missing, found.length > 60]).toEqual([[], true])
})

const ALIASES: Readonly<Record<string, string>> = { 'char(3)': 'bpchar', '"char"': 'char', 'bit(3)': 'bit' }

/** What kind of value this is, in the words of a profile. */
function kindOf(value: unknown): Arrival {
  if (Array.isArray(value)) return { element: kindOf(value[0]).element, array: true }
  if (value === null || typeof value !== 'object') return { element: typeof value, array: false }
  const name = value.constructor.name
  return { element: name === 'Object' ? 'object' : name, array: false }
}

// What `pg` parses to objects without a class of their own, and what JSON.parse gives for an object.
const OBJECTS = new Set(['json', 'Point', 'Circle'])
const asArrived = ({ element, array }: Arrival): Arrival => ({
  element: OBJECTS.has(element) ? 'object' : element,
  array,
})

async function sampleColumns(sql: Sql): Promise<readonly Column[]> {
  return relationsOf(await readCatalog(sql)).find(({ name }) => name === 'sample')!.columns
}

const told = (columns: readonly Column[], arrivals: readonly Arrival[]): Record<string, string> =>
  Object.fromEntries(
    columns.map(({ type }, index) => [type, `${arrivals[index]!.element}${arrivals[index]!.array ? '[]' : ''}`]),
  )

/** What the profile says of each column, and what a row has in it. */
const foretold = (columns: readonly Column[], profile: Profile): Record<string, string> =>
  told(
    columns,
    columns.map((column) => asArrived(profile.arrival(column))),
  )
const found = (columns: readonly Column[], row: Readonly<Record<string, unknown>>): Record<string, string> =>
  told(
    columns,
    columns.map(({ name }) => kindOf(row[name])),
  )

test('every type arrives through postgres as its profile says', async () => {
  await using db = await freshDatabase()
  await db.sql.unsafe(SCHEMA)
  const columns = await sampleColumns(db.sql)
  // Types that were made after the connection opened have no array parser on it.
  const sql = postgres(db.url, { max: 1 })
  const [row] = await sql`select * from sample`
  await sql.end()
  expect(columns).toHaveLength(COLUMNS.length)
  expect(foretold(columns, profileOf('postgres'))).toEqual(found(columns, row!))
})

test('every type arrives through a client of postgres that fetches no types as the profile for it says', async () => {
  await using db = await freshDatabase()
  await db.sql.unsafe(SCHEMA)
  const columns = await sampleColumns(db.sql)
  const sql = postgres(db.url, { max: 1, fetch_types: false })
  const [row] = await sql`select * from sample`
  await sql.end()
  const profile = profileOf({ extends: 'postgres', types: { '[]': 'string' } })
  expect(foretold(columns, profile)).toEqual(found(columns, row!))
})

test('every type arrives through pg as its profile says', async () => {
  await using db = await freshDatabase()
  await db.sql.unsafe(SCHEMA)
  const columns = await sampleColumns(db.sql)
  const client = new pgDriver.Client(db.url)
  await client.connect()
  const row = (await client.query('select * from sample')).rows[0]
  await client.end()
  expect(foretold(columns, profileOf('pg'))).toEqual(found(columns, row))
})

test('every type arrives through a client that drizzle has been given as its profile says', async () => {
  await using db = await freshDatabase()
  await db.sql.unsafe(SCHEMA)
  const columns = await sampleColumns(db.sql)
  const sql = postgres(db.url, { max: 1 })
  const orm = drizzle(sql)
  const [plain] = await sql`select * from sample`
  const [row] = await orm.execute(raw`select * from sample`)
  await sql.end()
  const profile = profileOf('drizzle')
  const expected = told(
    columns,
    columns.map((column) => asArrived(profile.arrival(column))),
  )
  for (const read of [plain!, row!]) {
    expect(
      told(
        columns,
        columns.map(({ name }) => kindOf(read[name])),
      ),
    ).toEqual(expected)
  }
})

test('postgres gives no null inside an array, and pg does: what array-null rests on', async () => {
  await using db = await freshDatabase()
  const client = new pgDriver.Client(db.url)
  await client.connect()
  const text = `select array['a', null]::text[] as t, array[1, null]::int4[] as n, array[true, null] as b`
  const [read] = await db.sql.unsafe(text)
  const other = (await client.query(text)).rows[0]
  await client.end()
  expect([Object.assign({}, read), other]).toEqual([
    { t: ['a', 'NULL'], n: [1, Number.NaN], b: [true, false] },
    { t: ['a', null], n: [1, null], b: [true, null] },
  ])
  expect([profileOf('postgres').nullInArrays, profileOf('pg').nullInArrays]).toEqual([false, true])
})

test("a team's own parser decides for the column and, with postgres, for its arrays", async () => {
  await using db = await freshDatabase()
  await db.sql`create table sample (n int8, many int8[])`
  const columns = await sampleColumns(db.sql)
  const parse = { to: 20, from: [20], parse: Number, serialize: String }
  const sql = postgres(db.url, { max: 1, types: { int8: parse } })
  await sql`insert into sample ${sql({ n: 5, many: [6] })}`
  const [row] = await sql`select * from sample`
  await sql.end()
  const profile = profileOf({ extends: 'postgres', types: { bigint: 'number' } })
  expect(columns.map((column) => profile.arrival(column))).toEqual(columns.map(({ name }) => kindOf(row![name])))
})
