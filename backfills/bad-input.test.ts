import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineBackfill } from './define.ts'
import { planBackfill } from './plan.ts'
import { runBackfill } from './run.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { csv } from './sources/csv.ts'
import { jsonFile } from './sources/json-file.ts'
import { ndjson } from './sources/ndjson.ts'
import { rejectsOf } from './status.ts'
import { verifyRun } from './verify.ts'

const NAME = `it's "odd"; drop table students --`
const Thing = z.looseObject({
  id: z.union([z.number(), z.bigint()]),
  name: z.string().optional(),
  doc: z.unknown().optional(),
})
const into = { [NAME]: ({ id, name, doc }: z.output<typeof Thing>) => ({ id, [NAME]: name ?? null, doc }) }
const noLimit = { limits: { maxRejects: null, onRejectLimit: 'stop' } } as const

const lines: readonly [line: string | Buffer, what: [stage: string, code: string] | null][] = [
  ['\uFEFF{"id":1,"name":"a byte-order mark before it"}', null],
  ['{"id":2,"name":"\\u0000"}', ['schema', 'unstorable']],
  ['{"id":3,"name":"\\ud800"}', ['schema', 'unstorable']],
  ['{"id":4,"doc":{"a":["\\u0000"]}}', ['database', '22P05']],
  ['{"id":5,"doc":{"\\udfff":1}}', ['database', '22P02']],
  ['{"id":6,"name":"one","name":"two"}', ['parse', 'duplicate-key']],
  ['{"id":7,"doc":[{"a" : 1}, {"b\\u0061":1,"ba":2}]}', ['parse', 'duplicate-key']],
  ['{"id":8,"doc":{"__proto__":{"name":"no"},"constructor":1,"x\\":":2}}', null],
  ['{"id":9007199254740993,"name":"every digit"}', null],
  ['{"id":9223372036854775808}', ['database', '22003']],
  ['{"id":1.5}', ['database', '22P02']],
  ['{"id":0.12345678901234567891}', ['schema', 'invalid_union']],
  [`{"id":13,"name":"${'x'.repeat(10 * 1024 * 1024)}"}`, null],
  [`{"id":14,"doc":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, ['parse', 'too-deep']],
  [Buffer.from('{"id":15,"name":"\xe9"}', 'latin1'), ['parse', 'not-utf8']],
  ['{"id":16,"name":"\'); drop table students; --"}', null],
  ['{"id":17,"name":"é\u2028\u{1F600}\\t\\\\N"}', null],
  ['{"id":18,"name":"cut o', ['parse', 'invalid-json']],
]

test('bad records are rejects with their line, and the good ones among them arrive', async () => {
  await using s = await scenario(
    `create table "${NAME.replaceAll('"', '""')}" (id bigint primary key, "${NAME.replaceAll('"', '""')}" text, doc jsonb)`,
  )
  const file = Buffer.concat(
    lines.flatMap(([line], n) => [Buffer.from(line), Buffer.from(n === lines.length - 1 ? '' : '\n')]),
  )
  await s.write('bad.ndjson', file)
  await s.write('bad.ndjson.gz', gzipSync(file))
  for (const path of ['bad.ndjson', 'bad.ndjson.gz']) {
    const job = defineBackfill({ name: `app/${path}`, from: ndjson(path), schema: Thing, into })
    const expected = lines.flatMap(([, what], n) => (what === null ? [] : [[n + 1, ...what]]))
    const planned = await planBackfill(s.at(job))
    expect(planned.rejects.map(({ position, stage, code }) => [position.line, stage, code])).toEqual(expected)
    const { run, error } = await runBackfill({ ...s.at(job), ...noLimit })
    expect({ error, read: run.read, written: run.written }).toEqual({
      error: null,
      read: lines.length,
      written: lines.length - expected.length,
    })
    const rejects = await rejectsOf(s, { system: 'app', name: job.name })
    expect(rejects.map(({ position, stage, code }) => [position.line, stage, code])).toEqual(expected)
    expect(await verifyRun({ ...s.at(job), full: true })).toMatchObject({
      ok: true,
      compared: lines.length - expected.length,
    })
    expect(
      await s.sql`select id, length(${s.sql(NAME)}) as size, doc::text as doc from ${s.sql(NAME)} order by id`,
    ).toEqual([
      { id: '1', size: 27, doc: null },
      { id: '8', size: null, doc: '{"x\\":": 2, "__proto__": {"name": "no"}, "constructor": 1}' },
      { id: '13', size: 10 * 1024 * 1024, doc: null },
      { id: '16', size: 27, doc: null },
      { id: '17', size: 6, doc: null },
      { id: '9007199254740993', size: 11, doc: null },
    ])
    await s.sql`truncate ${s.sql(NAME)}`
  }
})

test('a file that breaks off in the middle is a clear end: the array as a reject, a packed file as an error to go on from', async () => {
  await using s = await scenario(`create table items (id integer primary key)`)
  const Item = z.object({ id: z.coerce.number() })
  await s.write('cut.json', '[{"id":1},{"id":2')
  const cut = defineBackfill({ name: 'app/cut', from: jsonFile('cut.json'), schema: Item, into: 'items' })
  const first = await runBackfill({ ...s.at(cut), ...noLimit })
  expect(first.run).toMatchObject({ state: 'done', read: 2, written: 1, rejected: 1 })

  const text = `id\n${Array.from({ length: 60_000 }, (_, n) => n + 10).join('\n')}\n`
  await s.write('cut.csv.gz', gzipSync(text).subarray(0, 60_000))
  const packed = defineBackfill({ name: 'app/packed', from: csv('cut.csv.gz'), schema: Item, into: 'items' })
  const { run, error } = await runBackfill({ ...s.at(packed), batch: { rows: 1000, bytes: 1e6, ms: 1e6 } })
  expect(error).toMatchObject({ kind: 'usage', code: 'backfills/source-unreadable', location: { file: 'cut.csv.gz' } })
  expect(run).toMatchObject({ state: 'failed', rejected: 0 })
  expect(run.written).toBeGreaterThan(0)
  expect(
    await s.sql`select count(*)::int as rows, min(id)::int as first, max(id)::int as last from items where id >= 10`,
  ).toEqual([{ rows: run.written, first: 10, last: run.written + 9 }])
  await s.write('cut.csv.gz', gzipSync(text))
  await expect(runBackfill(s.at(packed))).rejects.toMatchObject({ kind: 'usage', code: 'backfills/source-changed' })
})
