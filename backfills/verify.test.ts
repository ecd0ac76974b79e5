import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineBackfill } from './define.ts'
import { runBackfill } from './run.ts'
import { scenario, type Scenario } from '../fixtures/backfills/scenario.ts'
import { jsonFile } from './sources/json-file.ts'
import { store } from './sources/store.ts'
import { verifyRun } from './verify.ts'

const DDL = `create table entries (id uuid primary key, title text, at timestamptz, amount numeric, doc jsonb, tags text[], data bytea, ci text collate "C", seq serial)`
const rows = [
  {
    id: '00000000-0000-0000-0000-00000000000A',
    title: 'plain',
    at: '2024-01-01T00:00:00.000001Z',
    amount: '1.10',
    doc: { a: [1, null] },
    tags: ['x'],
    data: '\\x00ff',
    ci: 'ci',
  },
  {
    id: '00000000-0000-0000-0000-00000000000b',
    title: 'Ünï "q" \\ \t\n\r 𝄞',
    at: null,
    amount: '123456789012345678901234567890.5',
    doc: 'text',
    tags: [],
    data: null,
    ci: '',
  },
]
const Entry = z.object({
  id: z.string(),
  title: z.string(),
  at: z.string().nullable(),
  amount: z.string(),
  doc: z.unknown(),
  tags: z.array(z.string()),
  data: z.string().nullable(),
  ci: z.string(),
})

const job = defineBackfill({ name: 'app/entries', from: jsonFile('entries.json'), schema: Entry, into: 'entries' })

async function loaded(): Promise<Scenario> {
  const s = await scenario(DDL)
  await s.write('entries.json', `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`)
  const { error } = await runBackfill(s.at(job))
  expect(error).toBeNull()
  return s
}
const FIRST = '00000000-0000-0000-0000-00000000000a'

test('what arrived as it was is verified, nasty values included', async () => {
  await using s = await loaded()
  const { run, ...verification } = await verifyRun(s.at(job))
  expect(verification).toEqual({
    ok: true,
    accounting: { source: 2, read: 2, written: 2, existing: 0, rejected: 0, balanced: true },
    compared: 2,
    differences: [],
    differing: 0,
  })
  expect(run).toMatchObject({ state: 'verified', next: null })
})

const edits: readonly [what: string, edit: string, column: string, expected: string, actual: string | null][] = [
  [
    'a microsecond',
    `at = at + interval '1 microsecond'`,
    'at',
    '2024-01-01 00:00:00.000001+00',
    '2024-01-01 00:00:00.000002+00',
  ],
  ['a space', `title = title || ' '`, 'title', 'plain', 'plain '],
  ['a zero of the scale', `amount = 1.1`, 'amount', '1.10', '1.1'],
  ['a key of the document', `doc = doc - 'a'`, 'doc', '{"a": [1, null]}', '{}'],
  ['an element of the list', `tags = tags || '{y}'`, 'tags', '{x}', '{x,y}'],
  ['a byte', `data = '\\x00fe'`, 'data', '\\x00ff', '\\x00fe'],
  ['null for a text', `title = null`, 'title', 'plain', null],
]

test.for(edits)('a difference of %s is found, with key and column', async ([, edit, column, expected, actual]) => {
  await using s = await loaded()
  await s.sql.unsafe(`update entries set ${edit} where id = '${FIRST}'`)
  const { ok, differences, run } = await verifyRun(s.at(job))
  expect({ ok, differences }).toEqual({
    ok: false,
    differences: [{ table: 'entries', key: [FIRST], column, expected, actual, record: 1, line: 2 }],
  })
  expect(run.state).toBe('done')
})

test('a row that is missing, and one that no record explains, are found', async () => {
  await using s = await loaded()
  const other = '00000000-0000-0000-0000-0000000000ff'
  await s.sql`delete from entries where id = ${FIRST}`
  await s.sql`insert into entries (id, title, seq) values (${other}, 'extra', 9)`
  const { ok, differing, differences } = await verifyRun(s.at(job))
  expect({ ok, differing }).toEqual({ ok: false, differing: 2 })
  expect(differences).toEqual([
    {
      table: 'entries',
      key: [FIRST],
      column: null,
      expected: `(${FIRST}, plain, 2024-01-01 00:00:00.000001+00, 1.10, {"a": [1, null]}, {x}, \\x00ff, ci)`,
      actual: null,
      record: 1,
      line: 2,
    },
    {
      table: 'entries',
      key: [other],
      column: null,
      expected: null,
      actual: `(${other}, extra, NULL, NULL, NULL, NULL, NULL, NULL, 9)`,
      record: null,
      line: null,
    },
  ])
})

test('a row that changed its key is missing there and unexplained here', async () => {
  await using s = await loaded()
  await s.sql`update entries set id = '00000000-0000-0000-0000-0000000000ff' where id = ${FIRST}`
  const { differences } = await verifyRun(s.at(job))
  expect(differences.map(({ expected, actual }) => [expected === null, actual === null])).toEqual([
    [false, true],
    [true, false],
  ])
})

test('rows that were there before are nobody’s to explain', async () => {
  await using s = await scenario(`${DDL}; insert into entries (id) values ('00000000-0000-0000-0000-0000000000ff')`)
  await s.write('entries.json', rows)
  await runBackfill(s.at(job))
  expect((await verifyRun(s.at(job))).ok).toBe(true)
})

test('a source that changed is refused, an unfinished run too', async () => {
  await using s = await loaded()
  await s.write('entries.json', rows.slice(1))
  await expect(verifyRun(s.at(job))).rejects.toMatchObject({ kind: 'usage', code: 'backfills/source-changed' })
  await using t = await scenario(DDL)
  await t.write('entries.json', [{}])
  await runBackfill(t.at(job))
  await expect(verifyRun(t.at(job))).rejects.toMatchObject({ kind: 'stopped', code: 'backfills/not-finished' })
})

test('rows that were skipped are not compared, rows that were updated are, as the last record says', async () => {
  const Row = z.object({ id: z.number(), name: z.string() })
  const twice = [
    { id: 1, name: 'first' },
    { id: 2, name: 'only' },
    { id: 1, name: 'second' },
  ]
  for (const [onConflict, compared] of [
    ['skip', { full: 1, byDigest: 1 }],
    ['update', { full: 2, byDigest: 3 }],
  ] as const) {
    await using s = await scenario(
      `create table people (id integer primary key, name text); insert into people values (1, 'old')`,
    )
    const people = defineBackfill({
      name: 'app/people',
      from: store('people', () => twice),
      schema: Row,
      into: 'people',
      onConflict,
    })
    await runBackfill({ ...s.at(people), batch: { rows: 2, bytes: 1e6, ms: 1e6 } })
    expect(await verifyRun({ ...s.at(people), full: true })).toMatchObject({ ok: true, compared: compared.full })
    // Each batch is compared for itself there: the row that two of them wrote counts twice.
    expect(await verifyRun(s.at(people))).toMatchObject({ ok: true, compared: compared.byDigest })
  }
})
