import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { elementsOf, type Element } from './json-array.ts'
import { jsonFile } from './json-file.ts'
import type { Source, SourceRecord } from './source.ts'

let root: string
const place = () => ({ root, url: '', schema: '' })
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'landfall-json-'))))
afterAll(() => rm(root, { recursive: true }))

async function all(source: Source, after: SourceRecord['end'] | null = null): Promise<SourceRecord[]> {
  return (await Array.fromAsync(source.read(place(), after))).flat()
}

async function reading(content: string | Uint8Array): Promise<SourceRecord[]> {
  await writeFile(join(root, 'f.json'), content)
  return all(jsonFile('f.json'))
}
const brief = (records: readonly SourceRecord[]) =>
  records.map(({ position, parsed }) => [
    position.record,
    position.line,
    position.offset,
    parsed.ok ? parsed.value : parsed.reason,
  ])

test('every record comes with its number, its line and its byte', async () => {
  expect(brief(await reading('\uFEFF[\n  {"a": "é,]}\\"["},\n\n  [1, [2]], "x",3\n]\n'))).toEqual([
    [1, 2, 7, { a: 'é,]}"[' }],
    [2, 4, 29, [1, [2]]],
    [3, 4, 39, 'x'],
    [4, 4, 43, 3],
  ])
  expect(await reading(' [ ] ')).toEqual([])
})

test('a record that is no JSON is said with its line, and the next one is read', async () => {
  expect(brief(await reading('[\n{"a": 1,\n "b": tru\n},\n{"c": 2}]'))).toEqual([
    [1, 2, 2, expect.stringMatching(/^Unexpected token '.' \(line 3\)$/s)],
    [2, 5, 24, { c: 2 }],
  ])
})

test.for<[string, unknown[]]>([
  ['[{"a":1},{"b":', [2, 1, 9, 'the file ends inside this record (line 1)']],
  ['[{"a":1},\n', [2, 2, 10, 'the file ends before the array is closed (line 2)']],
  ['[{"a":1},]', [2, 1, 9, 'a record is missing before "]" (line 1)']],
  ['[{"a":1}]\nx', [2, 2, 10, 'there is more behind the end of the array (line 2)']],
])('what is wrong with the array itself is a record that cannot be read: %s', async ([text, last]) => {
  expect(brief(await reading(text))).toEqual([[1, 1, 1, { a: 1 }], last])
})

test.for(['{"a":1}', '', 'null', '"["'])('a file without an array is a usage error at its line: %s', async (text) => {
  await expect(reading(text)).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/source-not-an-array',
    location: { file: 'f.json', line: 1, column: null },
  })
})

test('bytes that are not UTF-8 are refused, not replaced', async () => {
  const records = await reading(Buffer.concat([Buffer.from('["'), Buffer.from([0xe9]), Buffer.from('"]')]))
  expect(brief(records)).toEqual([[1, 1, 1, 'the record holds bytes that are not UTF-8 (line 1)']])
})

test('integers beyond 2^53 keep their digits, other numbers come as text when a number would round them', async () => {
  expect(brief(await reading('[{"a":9007199254740993,"b":1.5,"c":12345678901234567890.5}]'))).toEqual([
    [1, 1, 1, { a: 9007199254740993n, b: 1.5, c: '12345678901234567890.5' }],
  ])
})

test('reading goes on behind any record', async () => {
  const records = await reading('[\n1, {"a": [2,\n 3]},\n "4"\n]')
  for (const [n, { end }] of records.entries()) expect(await all(jsonFile('f.json'), end)).toEqual(records.slice(n + 1))
})

test('any array, cut into chunks anywhere, gives what JSON.parse gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(0, 2),
      async (values, size, indent) => {
        const bytes = Buffer.from(JSON.stringify(values, null, indent))
        async function* chunks() {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
        }
        const elements = (await Array.fromAsync(elementsOf(chunks(), null))).flat()
        const text = (element: Element) => (element.kind === 'element' ? JSON.parse(element.bytes.toString()) : element)
        expect(elements.map(text)).toEqual(JSON.parse(bytes.toString()))
      },
    ),
    { numRuns: 300 },
  )
})

test('the identity depends on every byte; a file that is missing is a usage error', async () => {
  await writeFile(join(root, 'g.json'), '[]')
  expect(await jsonFile('g.json').identity(place())).toEqual({
    kind: 'json',
    label: 'g.json',
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    size: 2,
    modifiedAt: expect.any(String),
  })
  const bytes = Buffer.alloc(3 * 1024 * 1024, ' ')
  const hashes = new Set<string>()
  for (const at of [0, 1024 * 1024 + 7, bytes.length - 1]) {
    const changed = Buffer.from(bytes)
    changed[at] = 0x41
    await writeFile(join(root, 'h.json'), changed)
    hashes.add((await jsonFile('h.json').identity(place())).hash)
    expect((await jsonFile('h.json').identity(place())).hash).toBe([...hashes].at(-1))
  }
  expect(hashes.size).toBe(3)
  await expect(jsonFile('no.json').identity(place())).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/source-missing',
    message: 'the source file no.json does not exist',
  })
  await expect(jsonFile('.').identity(place())).rejects.toMatchObject({
    kind: 'usage',
    code: 'backfills/source-unreadable',
  })
})
