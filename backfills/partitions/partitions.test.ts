import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { scenario, type Scenario } from '../../fixtures/backfills/scenario.ts'
import { connect } from '../database.ts'
import { defineBackfill, type Backfill } from '../define.ts'
import { tableFingerprint } from '../fingerprint.ts'
import { retryRejects } from '../retry.ts'
import { rollbackRun } from '../rollback.ts'
import { runBackfill } from '../run.ts'
import { csv } from '../sources/csv.ts'
import { jsonFile } from '../sources/json-file.ts'
import { ndjson } from '../sources/ndjson.ts'
import type { Source } from '../sources/source.ts'
import { sqlite } from '../sources/sqlite.ts'
import { store } from '../sources/store.ts'
import { table } from '../sources/table.ts'
import { rejectsOf, statusOf } from '../status.ts'
import { stopBackfill } from '../stop.ts'
import { verifyRun } from '../verify.ts'
import { isPartitioned, runJob, runPartitioned } from './run-partitioned.ts'
import { partsOf } from './split.ts'
import { workPartition } from './work-partition.ts'
import { work } from './worker.ts'

const RECORDS = 3000
const small = { batch: { rows: 100, bytes: 1e6, ms: 1e6 }, throttle: null } as const
const DDL = `create table items (id integer primary key, body text)`
const Item = z.object({ id: z.coerce.number().int(), body: z.string().nullish() })
const jobOf = (from: Source, more: Partial<Backfill> = {}): Backfill => ({
  ...defineBackfill({ name: 'app/items', from, schema: Item, into: 'items' }),
  ...more,
})
const records = Array.from({ length: RECORDS }, (_, id) => ({ id, body: `item ${id} é\n"` }))
const lines = records.map((record) => JSON.stringify(record)).join('\n')

async function items(): Promise<Scenario> {
  const s = await scenario(DDL)
  await s.write('items.ndjson', lines)
  return s
}

test('the parts of every source have all of its records, each once, with their numbers, lines and bytes', async () => {
  await using s = await scenario(DDL)
  await s.write('items.ndjson', `\uFEFF\n${lines}`)
  await s.write('items.json', records)
  await s.write('items.csv', `id,body\n${records.map(({ id }) => `${id},"a\nb ${id}"`).join('\n')}\n`)
  const database = new DatabaseSync(join(s.root, 'items.db'))
  database.exec(`create table items (id integer primary key, body text);
    with recursive n(id) as (select 0 union all select id + 1 from n where id < ${RECORDS - 1}) insert into items select id, 'x' || id from n`)
  database.close()
  await s.sql`insert into items select n, 'x' from generate_series(1, 5000, 7) n`
  const sources = [
    ndjson('items.ndjson'),
    jsonFile('items.json'),
    csv('items.csv'),
    sqlite('items.db', 'items'),
    store('items', () => records),
    table('items', { where: 't.id > 10' }),
  ]
  for (const from of sources) {
    const read = async (behind: Parameters<Source['read']>[1], last: number | null) => {
      const found = []
      for await (const chunk of from.read(s.at(jobOf(from)), behind))
        for (const { position, raw } of chunk)
          if (last === null || position.record <= last)
            found.push(
              from.live
                ? raw
                : { position, raw: typeof raw === 'object' && raw?.constructor === Object ? raw : String(raw) },
            )
      return found
    }
    const whole = await read(null, null)
    for (const count of [1, 2, 7]) {
      const parts = await partsOf(jobOf(from), s.at(jobOf(from)), count)
      const sizes: number[] = []
      const all = []
      for (const { behind, last } of parts) {
        const found = await read(behind, last)
        sizes.push(found.length)
        all.push(...found)
      }
      expect(all).toEqual(whole)
      expect(sizes.length).toBe(count)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(10)
    }
  }
  await expect(
    partsOf(jobOf(store('live', () => [], { live: true })), s.at(jobOf(sources[0]!)), 2),
  ).rejects.toMatchObject({ kind: 'usage', code: 'backfills/not-divisible' })
})

test('a partitioned run is carried over, verified and undone like any other, with its rejects where they are', async () => {
  await using s = await scenario(`${DDL}; insert into items values (-1, 'before')`)
  await s.write('items.ndjson', lines.replace('"id":1234,', '"id":"one",').replace('"id":2999,', '"id":17,'))
  const job = jobOf(ndjson('items.ndjson'))
  const before = await tableFingerprint(s.sql, { sql: 'items' })
  const limits = { maxRejects: 5, onRejectLimit: 'stop' } as const
  const { run, error } = await runPartitioned({ ...s.at(job), ...small, limits, partitions: 4 })
  expect({ error, run }).toMatchObject({
    error: null,
    run: { state: 'done', read: RECORDS, written: RECORDS - 2, existing: 0, rejected: 2 },
  })
  const rejects = await rejectsOf(s, { system: 'app', name: job.name })
  expect(rejects.map(({ position, stage }) => [position.line, stage])).toEqual([
    [1235, 'schema'],
    [3000, 'database'],
  ])
  expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, compared: RECORDS - 2 })
  expect(await verifyRun({ ...s.at(job), full: true })).toMatchObject({ ok: true, compared: RECORDS - 2 })
  expect(await runPartitioned({ ...s.at(job), partitions: 4 })).toMatchObject({ run: { id: run.id } })
  await rollbackRun({ ...s, run: run.id, laterWrites: 'refuse' })
  expect(await tableFingerprint(s.sql, { sql: 'items' })).toBe(before)
})

test('a column backfill is shared by the ranges of its keys', async () => {
  await using s = await scenario(`${DDL}; insert into items select n, 'Item ' || n from generate_series(1, 3000, 3) n`)
  const before = await tableFingerprint(s.sql, { sql: 'items' })
  const job = jobOf(table('items'), { onConflict: 'update' })
  const lower = {
    ...job,
    tables: [{ ...job.tables[0]!, map: ({ id, body }: z.output<typeof Item>) => ({ id, body: body!.toLowerCase() }) }],
  }
  const { run, error } = await runPartitioned({ ...s.at(lower), ...small, partitions: 3 })
  expect({ error, run }).toMatchObject({ error: null, run: { state: 'done', read: 1000, existing: 1000 } })
  expect(await s.sql`select count(*)::int as n from items where body = 'item ' || id`).toEqual([{ n: 1000 }])
  expect(await verifyRun(s.at(lower))).toMatchObject({ ok: true, compared: 1000 })
  await rollbackRun({ ...s, run: run.id, laterWrites: 'refuse' })
  expect(await tableFingerprint(s.sql, { sql: 'items' })).toBe(before)
})

test('an order that comes twice does no harm, and a worker that has lost its partition writes nothing more', async () => {
  await using s = await items()
  let robbery: Promise<unknown> = Promise.resolve()
  const waits = Item.refine(async () => {
    await robbery
    return true
  })
  const job = jobOf(ndjson('items.ndjson'), { schema: waits })
  const id = await begun(s, job, 2)
  const options = { ...s.at(job), ...small }
  let taken = false
  const robbed = {
    ...options,
    onProgress() {
      if (taken) return
      taken = true
      robbery = s.sql`update landfall.backfill_partition set epoch = epoch + 1 where number = 0`.execute()
    },
  }
  const both = await Promise.all([
    // Whoever of the two is first is robbed.
    workPartition(robbed, id, 0),
    workPartition(robbed, id, 0),
    workPartition(options, id, 1),
  ])
  expect(both.map(({ became }) => became).toSorted()).toEqual(['busy', 'busy', 'done'])
  const [zombie] = await s.sql`select read::int, state from landfall.backfill_partition where number = 0`
  expect(zombie!['state']).toBe('running') // nobody gave back what was not his
  expect(zombie!['read']).toBeLessThan(RECORDS / 2)
  expect(await workPartition(options, id, 0)).toEqual({ became: 'done', error: null })
  expect(await workPartition(options, id, 0)).toEqual({ became: 'over', error: null })
  expect(await work({ jobs: [options], untilDone: true })).toBeNull()
  expect(await statusOf(s)).toMatchObject([{ state: 'done', read: RECORDS, written: RECORDS }])
  expect(await s.sql`select count(*)::int as n, count(distinct id)::int as ids from items`).toEqual([
    { n: RECORDS, ids: RECORDS },
  ])
})

test('workers share a run, which is paused and resumed from elsewhere; one process alone leaves it to them', async () => {
  await using s = await items()
  const job = jobOf(ndjson('items.ndjson'))
  await begun(s, job, 6)
  const options = { ...s.at(job), ...small }
  const over = new AbortController()
  const said: string[] = []
  const say = (line: string) => void said.push(line)
  const started = Promise.withResolvers<void>()
  const worker = () =>
    work({
      jobs: [{ ...options, onProgress: () => started.resolve() }],
      untilDone: false,
      signal: over.signal,
      say,
      interval: 20,
    })
  const workers = [worker(), worker()]
  await started.promise
  await stopBackfill(s, { system: 'app', name: job.name }, 'paused')
  const [paused] = await statusOf(s)
  await sleep(150)
  expect(await statusOf(s)).toEqual([paused])
  expect(paused).toMatchObject({ state: 'paused' })
  expect(paused!.read).toBeLessThan(RECORDS)
  expect(await isPartitioned(options)).toBe(true)
  await expect(runBackfill(options)).rejects.toMatchObject({ kind: 'usage', code: 'backfills/partitioned' })
  const { run, error } = await runJob({ ...options, mode: 'resume' })
  expect({ error, run }).toMatchObject({ error: null, run: { state: 'done', read: RECORDS, written: RECORDS } })
  over.abort()
  expect(await Promise.all(workers)).toEqual([null, null])
  expect(new Set(said.filter((line) => line.endsWith('done'))).size).toBeGreaterThan(0)
})

test('the limit of rejects is that of the whole run, and undoes what all workers wrote', async () => {
  await using s = await scenario(`${DDL}; insert into items values (-1, 'before')`)
  await s.write('items.ndjson', lines.replaceAll(/"id":(\d*)[05]00,/g, '"id":"none",'))
  const before = await tableFingerprint(s.sql, { sql: 'items' })
  const job = jobOf(ndjson('items.ndjson'))
  const limits = { maxRejects: 3, onRejectLimit: 'rollback' } as const
  const { run, error } = await runPartitioned({ ...s.at(job), ...small, limits, partitions: 3 })
  expect({ state: run.state, error }).toMatchObject({
    state: 'rolled-back',
    error: { kind: 'stopped', code: 'backfills/reject-limit' },
  })
  expect(await tableFingerprint(s.sql, { sql: 'items' })).toBe(before)
})

test('rejects of a shared run are retried as mended, and go with the run when it is undone', async () => {
  await using s = await scenario(DDL)
  await s.write('items.ndjson', lines.replaceAll(/"id":(\d*)[05]00,/g, '"id":"none",'))
  const job = jobOf(ndjson('items.ndjson'))
  const limits = { maxRejects: 10, onRejectLimit: 'stop' } as const
  const { run } = await runPartitioned({ ...s.at(job), ...small, limits, partitions: 3 })
  expect(run).toMatchObject({ state: 'done', read: RECORDS, rejected: 5 })
  const open = await rejectsOf(s, { system: s.system, name: job.name })
  const mended = new Map(open.slice(0, 4).map(({ id }, n) => [id, JSON.stringify({ id: 10_000 + n, body: 'mended' })]))
  const ids = [...mended.keys()]
  const retried = await retryRejects({ ...s.at(job), run: run.id, ids, mended })
  expect(retried.run).toMatchObject({ written: RECORDS - 1, rejected: 1 })
  expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, differing: 0 })
  expect((await rollbackRun({ ...s, run: run.id, laterWrites: 'refuse' })).undone).toBe(RECORDS - 1)
  expect(await s.sql`select from items`).toEqual([])
})

test('a machine with another source or another job does not work on the run', async () => {
  await using s = await items()
  const job = jobOf(ndjson('items.ndjson'))
  await begun(s, job, 2)
  const otherMap = jobOf(ndjson('items.ndjson'), { tables: [{ ...job.tables[0]!, map: () => ({}) }] })
  expect(await work({ jobs: [{ ...s.at(otherMap), ...small }], untilDone: true })).toMatchObject({
    kind: 'usage',
    code: 'backfills/other-job',
  })
  await s.write('items.ndjson', `${lines}\n{"id":9}`)
  expect(await work({ jobs: [{ ...s.at(job), ...small }], untilDone: true })).toMatchObject({
    kind: 'usage',
    code: 'backfills/source-changed',
  })
  await s.write('items.ndjson', lines)
  expect(await work({ jobs: [{ ...s.at(job), ...small }], untilDone: true })).toBeNull()
  expect(await statusOf(s)).toMatchObject([{ state: 'done', written: RECORDS }])
})

/** A run with its partitions on record, on which nobody works yet. */
async function begun(s: Scenario, job: Backfill, count: number): Promise<string> {
  await using sql = connect(s)
  const gone = new AbortController()
  gone.abort()
  const { run } = await runPartitioned({ ...s.at(job), ...small, partitions: count, signal: gone.signal })
  await sql`update landfall.backfill_run set state = 'running', reason = null where id = ${run.id}`
  return run.id
}
