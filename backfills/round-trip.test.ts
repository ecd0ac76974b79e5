import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineBackfill } from './define.ts'
import { tableFingerprint } from './fingerprint.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill } from './run.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { jsonFile } from './sources/json-file.ts'
import { verifyRun } from './verify.ts'

const DDL = `create domain label as text;
  create type mood as enum ('sad', 'it''s ok', 'très "bien"');
  create table things (
    id bigint primary key, name label, n numeric, f double precision, i int8, b boolean, at timestamptz, day date, doc jsonb, raw json,
    tags text[], moods mood[], data bytea, span int4range, code char(6), "select" text default 'given', grid integer[]
  );
  create table parts (thing bigint references things, name text, primary key (thing, name));
  insert into things (id, name) values (-1, 'was here')`

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => value.replaceAll('\0', '').toWellFormed())
const nasty = fc.oneof(
  text,
  fc.constantFrom(
    '',
    ' ',
    '\\N',
    '\\.',
    '\\',
    '\t\n\r',
    'NULL',
    '"',
    "'; drop table things",
    '\u2028\u00a0',
    'e\u0301',
    '\u{1F600}',
  ),
)
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })
const digits = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String)
const day = fc.date({ min: new Date('-004000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
const stamp = day.map((date) => (date.getUTCFullYear() > 0 ? `${date.toISOString().slice(0, -1)}456+02:30` : null))
const jsonText = fc.jsonValue({ maxDepth: 3 }).filter((value) => !/\\u0000|\\ud/i.test(JSON.stringify(value)))

const thing = fc.record(
  {
    name: nullable(nasty),
    n: nullable(
      fc.oneof(
        digits,
        fc.tuple(digits, fc.nat()).map(([a, b]) => `${a}.${b}`),
        fc.constantFrom('NaN', '0.000', '-0.10'),
      ),
    ),
    f: nullable(fc.double({ noNaN: true, noDefaultInfinity: true })),
    i: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    b: nullable(fc.boolean()),
    at: stamp,
    day: nullable(day.map((date) => date.toISOString())),
    doc: jsonText,
    raw: jsonText,
    tags: nullable(fc.array(nullable(nasty), { maxLength: 4 })),
    moods: nullable(fc.array(fc.constantFrom('sad', "it's ok", 'très "bien"'), { maxLength: 3 })),
    data: nullable(fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex'))),
    span: nullable(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(9)).map(([low, size]) => `[${low},${low + size}]`)),
    code: nullable(fc.constantFrom('', 'a', 'abcdef', ' x')),
    select: fc.option(nasty, { nil: undefined }),
    grid: nullable(
      fc.constantFrom(
        [
          [1, 2],
          [3, 4],
        ],
        [],
        [7],
      ),
    ),
    parts: fc.uniqueArray(nasty, { maxLength: 3 }),
  },
  { requiredKeys: ['parts'] },
)

const Thing = z.looseObject({
  id: z.number(),
  parts: z.array(z.string()),
  data: z.string().nullish(),
  day: z.string().nullish(),
})
const job = defineBackfill({
  name: 'app/things',
  from: jsonFile('things.json'),
  schema: Thing,
  into: {
    things: ({ parts: _parts, data, day: on, ...rest }) => ({
      ...rest,
      ...(data === undefined ? {} : { data: data === null ? null : Buffer.from(data, 'hex') }),
      ...(on === undefined ? {} : { day: on === null ? null : new Date(on) }),
    }),
    parts: ({ id, parts }) => parts.map((name) => ({ thing: id, name })),
  },
})

test(
  'whatever the records are: run, verified, rolled back, and everything is as it was',
  { timeout: 600_000 },
  async () => {
    await using s = await scenario(DDL)
    const state = async () => [
      await tableFingerprint(s.sql, { sql: 'things' }),
      await tableFingerprint(s.sql, { sql: 'parts' }),
    ]
    const before = await state()
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), async (things, rows) => {
        await s.write(
          'things.json',
          things.map((each, id) => ({ id, ...each })),
        )
        const { run, error } = await runBackfill({ ...s.at(job), batch: { rows, bytes: 1e6, ms: 1e6 } })
        expect(error).toBeNull()
        expect(run).toMatchObject({ state: 'done', read: things.length, written: things.length })
        const names = await s.sql`select id, name from things where id >= 0 order by id`
        expect(names.map((row) => row['name'])).toEqual(things.map(({ name }) => name ?? null))
        const compared = things.reduce((sum, { parts }) => sum + 1 + parts.length, 0)
        expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, differing: 0, compared })
        expect(await rollbackRun({ ...s, run: 'app/things', laterWrites: 'refuse' })).toMatchObject({
          undone: compared,
          gone: 0,
        })
        expect(await state()).toEqual(before)
      }),
      { numRuns: 15 },
    )
  },
)
