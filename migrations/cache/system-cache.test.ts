import { once } from 'node:events'
import { connect as dial, createServer, type AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, expect, inject, test } from 'vitest'
import { migrationOf } from '../../fixtures/migration.ts'
import type { Migration } from '../migration.ts'
import { proveSystem, type SystemProof } from '../prove.ts'
import { openDatabases } from '../server/databases.ts'
import { useExternal } from '../server/external.ts'
import { lastingOwnerOf } from './system-cache.ts'

/** What was said to the server on the way: the one witness that landfall does not speak through. */
async function listening(): Promise<
  AsyncDisposable & { readonly url: string; readonly count: (text: string) => number }
> {
  const server = new URL(inject('serverUrl'))
  let said = ''
  const proxy = createServer((client) => {
    const upstream = dial(Number(server.port), server.hostname)
    client.on('data', (chunk) => void (said += chunk.toString('latin1')))
    client.pipe(upstream).pipe(client)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(server.href)
  ;[url.hostname, url.port] = ['127.0.0.1', String((proxy.address() as AddressInfo).port)]
  return {
    url: url.href,
    count: (text) => said.split(text).length - 1,
    [Symbol.asyncDispose]: async () => void proxy.close(),
  }
}

interface Options {
  readonly cache?: boolean
  readonly wanted?: string
  readonly prelude?: string
  readonly limitBytes?: number
}

/** Which of the migrations were executed, and what was established. */
async function prove(
  migrations: readonly Migration[],
  { cache = true, wanted, prelude, limitBytes }: Options = {},
): Promise<{ ran: string[]; proof: SystemProof }> {
  await using wire = await listening()
  await using external = await useExternal(wire.url, 'tests', cache)
  const server =
    limitBytes === undefined ? external : { ...external, cache: external.cache && { ...external.cache, limitBytes } }
  await using databases = await openDatabases(server, { lastingOwner: await lastingOwnerOf(server, migrations) })
  const root = await mkdtemp(join(tmpdir(), 'landfall-prelude-'))
  if (prelude !== undefined) await writeFile(join(root, 'prelude.sql'), prelude)
  const proof = await proveSystem({
    databases,
    migrations,
    schema: 'app',
    prelude: prelude === undefined ? null : 'prelude.sql',
    root,
    wantsData: ({ version }) => version === wanted,
  })
  await rm(root, { recursive: true })
  const marks = migrations.map(({ up }) => /marker_\w+/.exec(up.sql)![0])
  return { ran: marks.filter((mark) => wire.count(mark) > 0).map((mark) => mark.slice('marker_'.length)), proof }
}

/** Everything that a report is made of, but for the time it took and names that are random by design. */
const established = ({ proofs, complete, catalog, origins, nonDeterministic, unknownObjects, kept }: SystemProof) =>
  JSON.parse(
    JSON.stringify({
      proofs: proofs.map((proof) => ({ ...proof, upMs: null, downMs: null })),
      complete,
      catalog,
      origins: [...origins],
      nonDeterministic,
      unknownObjects,
      kept: kept?.index,
    }).replaceAll(/landfall_(?:[0-9a-f]{10}|cache)/g, 'owner'),
  ) as unknown

const table = (version: string, mark = version): Migration =>
  migrationOf(
    version,
    `create table t${version} (id int primary key, a text default 'marker_${mark}');`,
    `drop table t${version};`,
  )
/** Other than those of any other test. */
const own = (name: string, count = 4): Migration[] =>
  Array.from({ length: count }, (_, n) => table(String(n + 1), `${name}${n + 1}`))

afterAll(async () => {
  await asAdmin('postgres', async (sql) => {
    for (const { datname } of await sql`select datname from pg_database where starts_with(datname, 'landfall_cache')`)
      await sql`drop database ${sql(datname)} with (force)`
    await sql`drop role if exists landfall_cache`
  })
})

/** On the server as an administrator, in a database of choice. */
async function asAdmin<T>(database: string, work: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const url = new URL(inject('serverUrl'))
  url.pathname = `/${database}`
  const sql = postgres(url.href, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end()
  }
}

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

test('what a migration says in any of its parts, or the prelude, makes it and all later ones new, and none before', async () => {
  const start = own('touch', 3)
  const change = (to: (migration: Migration) => Migration): Migration[] =>
    start.map((migration, n) => (n === 1 ? to(migration) : migration))
  await prove(start.slice(0, 1))
  await prove(start)
  const touched = {
    nothing: start,
    up: change((m) => ({ ...m, up: { ...m.up, sql: `${m.up.sql} -- other` } })),
    down: change((m) => ({ ...m, down: { ...m.down!, sql: `${m.down!.sql} -- other` } })),
    directive: change((m) => ({ ...m, up: { ...m.up, transaction: false } })),
    reason: change((m) => ({ ...m, irreversible: 'because' })),
  }
  const ran: Record<string, string[]> = {}
  for (const [what, migrations] of Object.entries(touched)) ran[what] = (await prove(migrations)).ran
  ran['prelude'] = (await prove(start, { prelude: 'create extension if not exists citext' })).ran
  const rest = ['touch2', 'touch3']
  expect(ran).toEqual({
    nothing: [],
    up: rest,
    down: rest,
    directive: rest,
    reason: rest,
    prelude: ['touch1', ...rest],
  })
})

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
