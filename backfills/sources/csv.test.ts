import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csv, type CsvOptions } from './csv.ts'
import type { Cursor, SourceRecord } from './source.ts'

let root: string
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'landfall-csv-'))))
afterAll(() => rm(root, { recursive: true }))

async function reading(
  content: string | Uint8Array,
  options: CsvOptions = {},
  after: Cursor | null = null,
): Promise<SourceRecord[]> {
  await writeFile(join(root, 'f.csv'), content)
  return (await Array.fromAsync(csv('f.csv', options).read({ root, url: '', schema: '' }, after))).flat()
}
const brief = (records: readonly SourceRecord[]) =>
  records.map(({ position: { record, line, offset }, parsed }) => [
    record,
    line,
    offset,
    parsed.ok ? parsed.value : `${parsed.code}: ${parsed.reason}`,
  ])

const TEXT = '\uFEFFid,name,__proto__\n1,"a ""q"",\nx",é\n\n2,b"ad,\n3,,""\n4,"",x,more\n5\n'

test('a record is an object by the names of the header; what is no record of them is said with its line', async () => {
  const records = await reading(TEXT)
  expect(brief(records)).toEqual([
    [
      1,
      2,
      21,
      Object.fromEntries([
        ['id', '1'],
        ['name', 'a "q",\nx'],
        ['__proto__', 'é'],
      ]),
    ],
    [2, 5, 40, 'invalid-csv: Invalid Opening Quote: a quote is found on field 1 (line 5)'],
    [
      3,
      6,
      48,
      Object.fromEntries([
        ['id', '3'],
        ['name', null],
        ['__proto__', ''],
      ]),
    ],
    [4, 7, 54, 'wrong-columns: the record has 4 fields, and there are 3 columns (line 7)'],
    [5, 8, 66, 'wrong-columns: the record has 1 fields, and there are 3 columns (line 8)'],
  ])
  for (const [n, { end }] of records.entries()) expect(await reading(TEXT, {}, end)).toEqual(records.slice(n + 1))
})

test('a quote that is never closed, bytes that are no UTF-8, and a header that repeats itself', async () => {
  expect(brief(await reading('a\n1\n"2\n3\n'))).toEqual([
    [1, 2, 2, { a: '1' }],
    [2, 3, 4, expect.stringMatching(/^invalid-csv: Quote Not Closed.* \(line 3\)$/)],
  ])
  expect(brief(await reading(Buffer.from('a\n\xe9\nok\n', 'latin1')))).toEqual([
    [1, 2, 2, 'not-utf8: the record holds bytes that are not UTF-8 (line 2)'],
    [2, 3, 4, { a: 'ok' }],
  ])
  await expect(reading('a,b,a\n')).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/csv-header',
    location: { file: 'f.csv', line: 1 },
  })
})

test('any table, written as CSV, plain or packed, is read as it was', async () => {
  const cell = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
    fc.constantFrom('"', ';', '\n', '\r\n', ' ', 'é"'),
  )
  const written = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (rows, packed) => {
        const text = rows.map((row) => `${row.map(written).join(';')}\n`).join('')
        const options = { delimiter: ';', columns: ['a', 'b'] }
        const content = Buffer.from(text.toWellFormed())
        const records = await reading(packed ? gzipSync(content) : content, options)
        expect(records.map(({ parsed }) => parsed.ok && Object.values(parsed.value as object))).toEqual(
          rows.map((row) => row.map((value) => value?.toWellFormed() ?? null)),
        )
        const middle = records[records.length >> 1]!
        expect(await reading(packed ? gzipSync(content) : content, options, middle.end)).toEqual(
          records.slice((records.length >> 1) + 1),
        )
      },
    ),
    { numRuns: 60 },
  )
})
