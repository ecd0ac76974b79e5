import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everyType, MADE_TYPES, madeTypes } from '../../fixtures/backfills/every-type.ts'
import { testDatabases } from '../../fixtures/database.ts'
import type { Databases } from '../../migrations/server/databases.ts'
import { exportData, type TableCount } from './export.ts'
import { importData } from './import.ts'

let databases: Databases
let directory: string
beforeAll(async () => {
  databases = await testDatabases()
  directory = await mkdtemp(join(tmpdir(), 'landfall-dump-'))
})
afterAll(async () => {
  await databases[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

interface Place extends AsyncDisposable {
  readonly url: string
  readonly sql: Sql
}

/** A database with these tables in the schema `app`. */
async function placeWith(ddl: string): Promise<Place> {
  const database = await databases.create()
  const sql = database.connect({ schema: 'app' })
  await sql.unsafe(`create schema app; ${ddl}`)
  return {
    url: database.url,
    sql,
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 })
      await database[Symbol.asyncDispose]()
    },
  }
}

const place = { system: 'app', schema: 'app' }
const dumpOf = async (url: string, tables: readonly string[] | null = null): Promise<string> => {
  let text = ''
  await exportData({ ...place, url, tables }, async (part) => void (text += part))
  return text
}
/** In small pieces, so that they end anywhere. */
async function* inPieces(text: string, size = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
const load = (url: string, text: string, options: { replace?: boolean } = {}): Promise<TableCount[]> =>
  importData({ ...place, url, file: 'dump.json', chunks: inPieces(text), ...options })
const rowsOf = async ({ sql }: Place, table: string): Promise<string[]> =>
  (await sql.unsafe<{ row: string }[]>(`select t::text as row from ${table} t order by 1`)).map(({ row }) => row)

describe('what comes back is what was written out', () => {
  test('for every type of PostgreSQL, and those made of them', async () => {
    const types = Object.entries({ ...everyType, ...madeTypes })
    const ddl = `${MADE_TYPES}; create table every (id int primary key, ${types.map(([type], n) => `c${n} ${type === 'char' ? '"char"' : type}`).join(', ')})`
    await using from = await placeWith(ddl)
    const known = await from.sql<{ name: string }[]>`
      select typname as name from pg_type t where typnamespace = 'pg_catalog'::regnamespace and typtype in ('b', 'r', 'm')
        and typcategory not in ('A', 'Z') and typname !~ '^(pg_brin|pg_toast)' and typname not in ('pg_node_tree', 'gtsvector', 'char')
      order by 1`
    const version = Number((await from.sql`show server_version_num`)[0]!['server_version_num'])
    const missing = known.map(({ name }) => name).filter((name) => !(name in everyType) && !name.startsWith('_'))
    expect(version >= 180_000 ? missing : []).toEqual([])
    const most = Math.max(...types.map(([, values]) => values.length))
    for (let n = 0; n < most; n += 1) {
      const some = types.flatMap(([, values], column) =>
        values[n] === undefined ? [] : [[column, values[n]] as const],
      )
      const literals = some.map(([, value]) => `'${value!.replaceAll("'", "''")}'`)
      await from.sql.unsafe(`set lc_monetary = 'C'; set timezone = 'Asia/Kolkata'; set intervalstyle = 'iso_8601'`)
      await from.sql.unsafe(
        `insert into every (id, ${some.map(([column]) => `c${column}`).join()}) values (${n}, ${literals.join()})`,
      )
    }
    await from.sql.unsafe('insert into every (id) values (100)')
    const dump = await dumpOf(from.url)
    expect(() => JSON.parse(dump)).not.toThrow()
    await using to = await placeWith(ddl)
    await load(to.url, dump)
    for (const each of [from, to]) await each.sql.unsafe(`reset all; set lc_monetary = 'C'`)
    expect(await rowsOf(to, 'every')).toEqual(await rowsOf(from, 'every'))
    expect(await dumpOf(to.url)).toBe(dump)
  })

  test('for circles of references, to oneself too, and for tables in any order', async () => {
    const ddl = `
      create table a (id int primary key, b_id int not null, parent int references a);
      create table b (id int primary key, a_id int not null references a, later int);
      alter table a add constraint a_to_b foreign key (b_id) references b;
      create table c (id int primary key, b_id int references b deferrable);
      alter table b add foreign key (later) references c deferrable initially deferred`
    await using from = await placeWith(ddl)
    await from.sql.unsafe(`alter table a alter constraint a_to_b deferrable initially deferred; begin;
      insert into a values (1, 1, 2), (2, 2, 1), (3, 1, 3); insert into b values (1, 1, 1), (2, 2, null); insert into c values (1, 2); commit;
      alter table a alter constraint a_to_b not deferrable`)
    const dump = await dumpOf(from.url)
    const constraints = `select conname, condeferrable, condeferred from pg_constraint where contype = 'f' order by 1`
    const { tables, ...header } = JSON.parse(dump) as { tables: Record<string, unknown> }
    for (const order of [
      ['a', 'b', 'c'],
      ['c', 'b', 'a'],
      ['b', 'c', 'a'],
    ]) {
      await using to = await placeWith(ddl)
      const shuffled = { ...header, tables: Object.fromEntries(order.map((name) => [name, tables[name]])) }
      await load(to.url, JSON.stringify(shuffled, null, 1))
      expect(await dumpOf(to.url)).toBe(dump)
      expect(await to.sql.unsafe(constraints)).toEqual(await from.sql.unsafe(constraints))
      await load(to.url, dump, { replace: true })
      expect(await dumpOf(to.url)).toBe(dump)
    }
  })

  test('for identities, serials, generated columns, partitions, children and odd names; triggers are left alone', async () => {
    const ddl =
      `
      create table "it's ""t""" (id int generated always as identity primary key, "" int);`.replace(', "" int', '') +
      `
      create table s (id bigserial primary key, n int, twice int generated always as (n * 2) stored);
      create table p (id int, at date, primary key (id, at)) partition by range (at);
      create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
      create table p2 partition of p default;
      create table parent (x text); create table child (y text) inherits (parent); create table nothing ();
      create function loud() returns trigger language plpgsql as $$ begin new.n := 0; return new; end $$;
      create trigger loud before insert on s for each row execute function loud();
      create trigger quiet before insert on s for each row execute function loud();
      alter table s enable always trigger loud; alter table s disable trigger quiet;
      create view v as select 1 as one`
    await using from = await placeWith(ddl)
    await from.sql.unsafe(`alter table s disable trigger user;
      insert into "it's ""t""" default values; insert into "it's ""t""" default values; insert into s (n) values (1), (2), (3); delete from s where id > 2;
      alter table s enable always trigger loud;
      insert into p values (1, '2020-05-05'), (2, '2030-05-05'); insert into parent values ('b'), ('a'), (null), ('a'); insert into child values ('c', 'd');
      insert into nothing select from generate_series(1, 3)`)
    const dump = await dumpOf(from.url)
    expect(Object.keys((JSON.parse(dump) as { tables: object }).tables)).toEqual([
      'child',
      `it's "t"`,
      'nothing',
      'p',
      'parent',
      's',
    ])
    await using to = await placeWith(ddl)
    await load(to.url, dump)
    expect(await dumpOf(to.url)).toBe(dump)
    const triggers = `select tgname, tgenabled from pg_trigger where tgrelid = 's'::regclass order by 1`
    expect(await to.sql.unsafe(triggers)).toEqual([
      { tgname: 'loud', tgenabled: 'A' },
      { tgname: 'quiet', tgenabled: 'D' },
    ])
    expect(await to.sql.unsafe(`insert into s (n) values (9) returning id`)).toEqual([{ id: '4' }])
    expect(await to.sql.unsafe(`insert into "it's ""t""" default values returning id`)).toEqual([{ id: 3 }])
  })

  test('for some tables, between a SQLite file and PostgreSQL, and back', async () => {
    const ddl = `create table t (id text not null primary key, n bigint, x double precision, up text references t (id));
      create table u (id text not null primary key, t_id text references t (id))`
    const file = (name: string): string => join(directory, name)
    using sqlite = new DatabaseSync(file('a.db'))
    sqlite.exec(`${ddl}; insert into t values ('a', 9007199254740993, 0.1, 'b'), ('b', -1, 1e300, 'b'), ('é "', null, null, null);
      insert into u values ('x', 'a')`)
    const dump = await dumpOf(`sqlite:${file('a.db')}`)
    await using to = await placeWith(ddl)
    await load(to.url, dump)
    expect(await to.sql`select * from t order by id collate "C"`).toEqual([
      { id: 'a', n: '9007199254740993', x: 0.1, up: 'b' },
      { id: 'b', n: '-1', x: 1e300, up: 'b' },
      { id: 'é "', n: null, x: null, up: null },
    ])
    using other = new DatabaseSync(file('b.db'))
    other.exec(ddl)
    await load(`sqlite:${file('b.db')}`, await dumpOf(to.url))
    expect(await dumpOf(`sqlite:${file('b.db')}`)).toBe(dump)
    await load(`sqlite:${file('b.db')}`, await dumpOf(to.url), { replace: true })
    expect(Object.keys((JSON.parse(await dumpOf(to.url, ['u'])) as { tables: object }).tables)).toEqual(['u'])
    await expect(dumpOf(to.url, ['u', 'w'])).rejects.toMatchObject({ kind: 'usage', code: 'data/no-table' })
  })
})

describe('what is no dump of these tables', () => {
  const ddl = `create table t (id int primary key, name varchar(3) not null, tags text[]); create table u (id int primary key, t_id int references t)`
  const columns = { t: { id: 'integer', name: 'text' }, u: { id: 'integer', t_id: 'integer' } }
  const dump = (rows: string, more: object = {}): string =>
    JSON.stringify({ schema: 1, system: 'app', migration: null, columns, ...more }).slice(0, -1) +
    `,\n"tables": {"t": [\n${rows}\n], "u": [] } }`
  let to: Place
  beforeAll(async () => void (to = await placeWith(ddl)))
  afterAll(() => to[Symbol.asyncDispose]())
  const good = '{"id":1,"name":"a"},\n{"id":2,"name":"b"}'

  test.for<[string, string, string, string, number | null]>([
    ['another version', dump(good, { schema: 2 }), 'data/mismatch', 'of version 2', 2],
    ['another system', dump(good, { system: 'other' }), 'data/mismatch', 'of the system other', 2],
    ['no dump', '{"a": 1}', 'data/mismatch', 'no dump', 1],
    ['no object', '[1]', 'data/malformed', 'expected {', 1],
    ['an empty file', '', 'data/malformed', 'the end of the file', 1],
    ['an unknown table', dump(good, { columns: { ...columns, w: {} } }), 'data/mismatch', 'no table w', 2],
    ['an unknown column', dump(good, { columns: { ...columns, u: { x: 'int' } } }), 'data/mismatch', 'no column x', 2],
    [
      'a column that the dump does not name',
      dump('{"id":1,"name":"a"},\n{"id":2,"name":"b","c":1}'),
      'data/malformed',
      'column c',
      4,
    ],
    ['a row without a column', dump('{"id":1}'), 'data/malformed', 'no name', 3],
    ['an object where a text belongs', dump('{"id":1,"name":{}}'), 'data/malformed', 'object as its name', 3],
    ['broken JSON in a row', dump(`${good},\n{"id":3,"name":'c'}`), 'data/malformed', 'no JSON', 5],
    ['a row that is none', dump(`${good},\n7`), 'data/malformed', 'no object', 5],
    ['a file that ends early', dump(good).slice(0, -6), 'data/malformed', 'the end of the file', 5],
    ['more behind the end', `${dump(good)}x`, 'data/malformed', 'more behind', 5],
    ['a table that is missing', dump(good).replace(', "u": []', ''), 'data/mismatch', 'rows of u', 5],
    ['a value that is too long', dump(`${good},\n\n{"id":3,"name":"abcd"}`), 'data/refused', 'too long', 6],
    ['a value of another type', dump('{"id":"x","name":"a"}'), 'data/refused', 'invalid input syntax', 3],
    ['a key twice', dump(`${good},\n{"id":2,"name":"c"}`), 'data/refused', 'duplicate key', 5],
    ['a null', dump('{"id":1,"name":null}'), 'data/refused', 'null value', 3],
    [
      'a broken reference',
      dump(good).replace('[] }', '[{"id":1,"t_id":5}] }'),
      'data/refused',
      'violates foreign key',
      5,
    ],
  ])('%s is told with its line, and nothing is imported', async ([, text, code, message, line]) => {
    await expect(load(to.url, text)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      location: { file: 'dump.json', line },
    })
    expect([await rowsOf(to, 't'), await rowsOf(to, 'u')]).toEqual([[], []])
  })

  test('rows that are there are refused, and replaced when that is said: all of them or none', async () => {
    await to.sql.unsafe(`insert into t values (7, 'old'); insert into u values (1, 7)`)
    await expect(load(to.url, dump(good))).rejects.toMatchObject({ kind: 'refused', code: 'data/not-empty' })
    await expect(load(to.url, dump(`${good},{"id":2,"name":"c"}`), { replace: true })).rejects.toMatchObject({
      kind: 'findings',
    })
    expect(await rowsOf(to, 't')).toEqual(['(7,old,)'])
    await load(to.url, dump(good), { replace: true })
    expect([await rowsOf(to, 't'), await rowsOf(to, 'u')]).toEqual([['(1,a,)', '(2,b,)'], []])
  })

  test('in a SQLite file too', async () => {
    const url = `sqlite:${join(directory, 'bad.db')}`
    using database = new DatabaseSync(join(directory, 'bad.db'))
    database.exec(ddl.replace('text[]', 'text'))
    const refused = { code: 'data/refused', kind: 'findings' }
    await expect(load(url, dump(`${good},\n{"id":2,"name":"c"}`))).rejects.toMatchObject({
      ...refused,
      location: { line: 5 },
    })
    const broken = dump(good).replace('[] }', '[{"id":1,"t_id":5}] }')
    await expect(load(url, broken)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('refers to a row of t'),
    })
    expect(database.prepare('select count(*) as n from t').get()).toEqual({ n: 0 })
    await load(url, dump(good))
    await expect(load(url, dump(good))).rejects.toMatchObject({ kind: 'refused' })
  })
})

test('all tables are as they were at one moment, whatever is written meanwhile', async () => {
  await using from = await placeWith(
    'create table a (n int primary key); create table b (n int primary key); insert into a values (1)',
  )
  let text = ''
  await exportData({ ...place, url: from.url, tables: null }, async (part) => {
    if (text === '') await from.sql`insert into b values (2)`
    text += part
  })
  expect((JSON.parse(text) as { tables: object }).tables).toEqual({ a: [{ n: 1 }], b: [] })
})

test('row-level security hides nothing in silence', async () => {
  await using from =
    await placeWith(`create table t (id int primary key); alter table t enable row level security, force row level security;
    create policy p on t using (id > 1) with check (true); insert into t values (1), (2)`)
  await expect(dumpOf(from.url)).rejects.toMatchObject({ kind: 'environment', code: 'data/rows-hidden' })
  let text = ''
  await exportData({ ...place, url: from.url, tables: null, visibleRows: true }, async (part) => void (text += part))
  expect((JSON.parse(text) as { tables: object }).tables).toEqual({ t: [{ id: 2 }] })
})
