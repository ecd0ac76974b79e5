import { expect, test } from 'vitest'
import { z } from 'zod'
import { batches, DDL, fingerprint, loaded, projects, rollback } from '../fixtures/backfills/projects-job.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { CopyConnection } from './copy-connection.ts'
import { defineBackfill } from './define.ts'
import { journalParameters, spanJournal } from './journal.ts'
import { planRollback, rollbackRun } from './rollback.ts'
import { runBackfill } from './run.ts'
import { store } from './sources/store.ts'
import { statusOf } from './status.ts'
import { readTarget } from './target.ts'
import { verifyRun } from './verify.ts'

test('a rollback takes out exactly what the run put in', async () => {
  await using s = await loaded('')
  const { run, ...rest } = await rollback(s)
  expect(rest).toEqual({ undone: 5, gone: 0, kept: [] })
  expect(run).toMatchObject({ state: 'rolled-back', next: 'landfall backfill run app/projects' })
  expect(await fingerprint(s)).toBe(s.before)
  expect(await statusOf(s)).toEqual([run])
  await expect(rollback(s)).rejects.toMatchObject({ kind: 'usage', code: 'backfills/no-run' })
})

test('after a rollback the job runs anew', async () => {
  await using s = await loaded('')
  await rollback(s)
  const { run } = await runBackfill(s.at(projects(5)))
  expect(run).toMatchObject({ state: 'done', written: 5 })
})

const refusals: readonly [what: string, later: string, kind: string, key: string][] = [
  ['was edited', `update projects set name = 'edited' where id = 3`, 'changed', '3'],
  [
    'was edited in a column that the job does not write',
    `update projects set note = 'mine' where id = 3`,
    'changed',
    '3',
  ],
  [
    'was edited inside a savepoint',
    `do $$ begin begin update projects set name = 'x' where id = 3; exception when others then null; end; end $$`,
    'changed',
    '3',
  ],
  [
    'was deleted and put in again with other values',
    `delete from projects where id = 3; insert into projects values (3, 'another')`,
    'changed',
    '3',
  ],
  [
    'has a value in a column that came later',
    `alter table projects add owner text; update projects set owner = 'me' where id = 3`,
    'changed',
    '3',
  ],
  ['has another key now', `update projects set id = 333 where id = 3`, 'key-changed', '3'],
  ...['cascade', 'set null', 'set default', 'no action', 'restrict'].map((action): [string, string, string, string] => [
    `is referred to with on delete ${action}`,
    `create table tasks (id integer primary key, project_id integer default 100 references projects on delete ${action}); insert into tasks values (1, 3)`,
    'referenced',
    '3',
  ]),
]

test.for(refusals)('a rollback is refused when a row %s, and nothing is changed', async ([, later, kind, key]) => {
  await using s = await loaded(later)
  const now = await fingerprint(s)
  await expect(rollback(s)).rejects.toMatchObject({
    kind: 'refused',
    code: 'backfills/later-writes',
    fields: { count: 1, laterWrites: [{ table: 'projects', key: [key], kind }] },
  })
  expect(await fingerprint(s)).toBe(now)
  expect((await statusOf(s))[0]!.state).toBe('done')
})

const harmless: readonly [what: string, later: string, gone: number][] = [
  ['a row was updated with the values it had', `update projects set name = name`, 0],
  ['a row was deleted', `delete from projects where id = 3`, 1],
  [
    'a row was deleted and put in again as it was',
    `delete from projects where id = 3; insert into projects values (3, 'p3')`,
    0,
  ],
  ['the table was rewritten by a change of type', `alter table projects alter id type bigint`, 0],
  ['a column was added', `alter table projects add owner text; update projects set name = name`, 0],
  ['a row was locked', `select * from projects for update`, 0],
]

test.for(harmless)('a rollback goes through when %s', async ([, later, gone]) => {
  await using s = await loaded(later)
  const { undone, gone: counted } = await rollback(s)
  expect({ undone, gone: counted }).toEqual({ undone: 5 - gone, gone })
  expect(await s.sql`select id, name from projects`).toEqual([{ id: expect.anything(), name: 'was here' }])
})

test('a rewrite of the table by VACUUM FULL and CLUSTER is no later write', async () => {
  await using s = await loaded('')
  await s.sql`vacuum full projects`
  await s.sql`cluster projects using projects_pkey`
  await rollback(s)
  expect(await fingerprint(s)).toBe(s.before)
})

test('a rollback is refused when a later run wrote the same rows', async () => {
  await using s = await loaded('')
  const update = projects(5, { name: 'app/update', onConflict: 'update' })
  const { run } = await runBackfill(s.at(update))
  await expect(rollback(s)).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining(run.id) })
  await rollbackRun({ ...s, run: 'app/update', laterWrites: 'refuse' })
  await rollback(s)
  expect(await fingerprint(s)).toBe(s.before)
})

test('skip keeps what was written later, force undoes it too', async () => {
  await using skipped = await loaded(`update projects set name = 'edited' where id = 3`)
  const { undone, kept } = await rollback(skipped, 'skip')
  expect({ undone, kept }).toEqual({
    undone: 4,
    kept: [{ table: 'projects', key: ['3'], kind: 'changed', detail: 'was edited later' }],
  })
  expect(await skipped.sql`select id from projects order by id`).toEqual([{ id: 3 }, { id: 100 }])
  await using forced = await loaded(`update projects set name = 'edited' where id = 3`)
  await rollback(forced, 'force')
  expect(await fingerprint(forced)).toBe(forced.before)
})

test('a rollback that stopped in the middle goes on where it was', async () => {
  await using s = await loaded('')
  await s.sql`create function stop() returns trigger language plpgsql as $$ begin if old.id = 2 then raise exception 'not now'; end if; return old; end $$`
  await s.sql`create trigger stop before delete on projects for each row execute function stop()`
  await expect(rollback(s)).rejects.toThrow('not now')
  expect((await statusOf(s))[0]!).toMatchObject({
    state: 'rolling-back',
    next: 'landfall backfill rollback app/projects',
  })
  expect(await s.sql`select id from projects order by id`).toEqual([{ id: 1 }, { id: 2 }, { id: 100 }])
  await expect(runBackfill(s.at(projects(5)))).rejects.toMatchObject({ kind: 'usage', code: 'backfills/half-undone' })
  await s.sql`drop trigger stop on projects`
  expect(await rollback(s)).toMatchObject({ undone: 2, run: { state: 'rolled-back' } })
  expect(await fingerprint(s)).toBe(s.before)
})

test('an unfinished run is undone as well', async () => {
  await using s = await scenario(DDL)
  const before = await fingerprint(s)
  const stop = new AbortController()
  await runBackfill({ ...s.at(projects(9)), batch: batches, signal: stop.signal, onProgress: () => stop.abort() })
  expect(await rollback(s)).toMatchObject({ undone: 2 })
  expect(await fingerprint(s)).toBe(before)
})

test('rows that were updated get back what they had, of all types', async () => {
  await using s = await scenario(`
    create table projects (id integer primary key, name text, n numeric, at timestamptz, tags text[], doc jsonb, raw json, data bytea, kept text);
    insert into projects values
      (1, 'a', 1.10, '2024-02-29 12:34:56.789012+02', '{x,NULL,"q\\"uote"}', '{"a": 1.0, "b": null}', '{"b":1,  "a":2}', '\\xdeadbeef', 'k'),
      (2, null, 'NaN', 'infinity', null, 'null', null, null, null), (3, '', 1e40, '0044-03-15 00:00+00 BC', '{}', '"t"', '[]', '', '')`)
  const before = await fingerprint(s)
  const job = defineBackfill({
    name: 'app/projects',
    from: store('new', () => [1, 2, 3, 4].map((id) => ({ id }))),
    schema: z.object({ id: z.number() }),
    into: 'projects',
    onConflict: 'update',
    map: ({ id }) => ({
      id,
      name: 'n',
      n: 5,
      at: new Date(0),
      tags: ['t'],
      doc: { x: 1 },
      raw: [1],
      data: Buffer.from('d'),
    }),
  })
  const { run } = await runBackfill({ ...s.at(job), batch: batches })
  expect(run).toMatchObject({ written: 1, existing: 3 })
  await s.sql`update projects set kept = 'later, but not written by the job' where id = 1`
  expect(await rollback(s)).toMatchObject({ undone: 4, run: { state: 'rolled-back' } })
  await s.sql`update projects set kept = 'k' where id = 1`
  expect(await fingerprint(s)).toBe(before)
})

test('what a run changed is undone once, however often it wrote the row', async () => {
  await using s = await scenario(DDL)
  const before = await fingerprint(s)
  const twice = [100, 7, 7, 100, 7].map((id, n) => ({ id, name: `v${n}` }))
  const job = projects(0, { from: store('twice', () => twice), onConflict: 'update' })
  await runBackfill({ ...s.at(job), batch: batches })
  expect(await s.sql`select id, name from projects order by id`).toEqual([
    { id: 7, name: 'v4' },
    { id: 100, name: 'v3' },
  ])
  await rollback(s)
  expect(await fingerprint(s)).toBe(before)
})

test('rows of the same run that refer to each other are no obstacle', async () => {
  await using s =
    await scenario(`create table nodes (id integer primary key, parent integer references nodes on delete cascade);
    create table leaves (node integer references nodes, n integer, primary key (node, n))`)
  const job = defineBackfill({
    name: 'app/projects',
    from: store('nodes', () => [1, 2, 3, 4, 5]),
    schema: z.number(),
    into: {
      nodes: (id) => ({ id, parent: id === 1 ? null : id - 1 }),
      leaves: (id) => [
        { node: id, n: 1 },
        { node: id, n: 2 },
      ],
    },
  })
  await runBackfill({ ...s.at(job), batch: batches })
  expect(await rollback(s)).toMatchObject({ undone: 15 })
  expect(await s.sql`select * from nodes`).toEqual([])
})

test('a plan of the rollback names what is in the way, and writes nothing', async () => {
  await using s = await loaded(`update projects set name = 'edited' where id = 3; delete from projects where id = 1`)
  const { run, ...plan } = await planRollback({ ...s, run: 'app/projects' })
  expect(plan).toEqual({
    batches: 3,
    rows: 5,
    gone: 1,
    laterWrites: [{ table: 'projects', key: ['3'], kind: 'changed', detail: 'was edited later' }],
  })
  expect(run.state).toBe('done')
})

test('a number of a transaction that came back after 2^32 others says nothing about a row', async () => {
  await using s = await loaded(`update projects set name = 'edited' where id = 3`)
  await s.sql`
    update landfall.backfill_batch set xid = ((select xmin::text::bigint from projects where id = 3) + 4294967296)::text::xid8
    where '3' = any(keys)`
  await expect(rollback(s)).rejects.toMatchObject({
    kind: 'refused',
    fields: { count: 1, laterWrites: [{ key: ['3'] }] },
  })
})

test('a key that is equal and yet another one is a later write', async () => {
  await using s = await scenario(`create table prices (id numeric primary key, name text)`)
  const job = defineBackfill({
    name: 'app/projects',
    from: store('prices', () => [{ id: '1.0', name: 'one' }]),
    schema: z.object({ id: z.string(), name: z.string() }),
    into: 'prices',
  })
  await runBackfill(s.at(job))
  await s.sql`update prices set id = 1.00`
  await expect(rollback(s)).rejects.toMatchObject({
    kind: 'refused',
    fields: { laterWrites: [{ key: ['1.0'], kind: 'changed' }] },
  })
})

test('rows that filled gaps in the table are found by their keys', async () => {
  await using s = await scenario(DDL)
  await s.sql`insert into projects select n, repeat('x', 200), null from generate_series(1000, 9000) n`
  await s.sql`delete from projects where id between 1000 and 5000`
  await s.sql`vacuum projects`
  const before = await fingerprint(s)
  await runBackfill(s.at(projects(99)))
  expect(await s.sql`select first_row, digest from landfall.backfill_batch`).toEqual([
    { first_row: null, digest: null },
  ])
  expect(await verifyRun(s.at(projects(99)))).toMatchObject({ ok: true, compared: 99 })
  expect(await rollback(s)).toMatchObject({ undone: 99 })
  expect(await fingerprint(s)).toBe(before)
})

test('rows that stand in another order than their records are not taken for them', async () => {
  await using s = await loaded('')
  const target = await readTarget(s.sql, s.schema, { table: 'projects', key: null }, 'app/projects')
  const [run] = await s.sql`select id from landfall.backfill_run`
  await using connection = await CopyConnection.open(s)
  const journalled = async (keys: string, count: number) => {
    await connection.query('begin')
    await connection.query(`insert into projects values (21, 'a'), (20, 'b')`)
    const place = { runId: run!['id'] as string, seq: 9, first: 1, last: 2, behind: null }
    const rows = await connection.query(spanJournal(target), [
      ...journalParameters(place, target, ['id']),
      '(0,0)',
      null,
      keys,
      count,
      null,
      null,
    ])
    await connection.query('rollback')
    return rows
  }
  expect(await journalled('{{21,20}}', 2)).toEqual([{ n: '2', last_row: expect.stringMatching(/^\(0,\d+\)$/) }])
  expect(await journalled('{{20,21}}', 2)).toEqual([])
  expect(await journalled('{{21,20}}', 3)).toEqual([])
})
