import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ndjson } from './ndjson.ts'
import type { SourceRecord } from './source.ts'

let root: string
const place = () => ({ root, url: '', schema: '' })
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'landfall-ndjson-'))))
afterAll(() => rm(root, { recursive: true }))

async function reading(content: string, after: SourceRecord['end'] | null = null): Promise<SourceRecord[]> {
  await writeFile(join(root, 'f.ndjson'), content)
  return (await Array.fromAsync(ndjson('f.ndjson').read(place(), after))).flat()
}

const TEXT = '\uFEFF{"a":1}\r\n\n  \n{"b":\n"é"\n4'

test('every line is a record with its line and byte; empty lines are none', async () => {
  expect(
    (await reading(TEXT)).map(({ position: { record, line, offset }, parsed }) => [
      record,
      line,
      offset,
      parsed.ok ? parsed.value : parsed.reason,
    ]),
  ).toEqual([
    [1, 1, 3, { a: 1 }],
    [2, 4, 16, expect.stringMatching(/\(line 4\)$/)],
    [3, 5, 22, 'é'],
    [4, 6, 27, 4],
  ])
})

test('reading goes on behind any record', async () => {
  const records = await reading(TEXT)
  for (const [n, { end }] of records.entries()) expect(await reading(TEXT, end)).toEqual(records.slice(n + 1))
})

test('lines longer than a chunk of the file are whole', async () => {
  const long = 'x'.repeat(700_000)
  const records = await reading(`"${long}"\n1\n"${long}"`)
  expect(records.map(({ parsed }) => parsed)).toEqual([long, 1, long].map((value) => ({ ok: true, value })))
})
