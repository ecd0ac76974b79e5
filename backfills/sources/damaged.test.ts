import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { csv } from './csv.ts'
import { jsonFile } from './json-file.ts'
import { ndjson } from './ndjson.ts'
import type { Source, SourceRecord } from './source.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'landfall-damaged-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const RECORDS = [
  { id: 1, name: 'é "quoted" \\' },
  { id: 2, name: 'b\nc' },
  { id: 3, name: '{[,]}' },
]
const files: readonly [kind: string, source: (path: string) => Source, text: string][] = [
  ['json', jsonFile, JSON.stringify(RECORDS, null, 1)],
  ['ndjson', ndjson, RECORDS.map((record) => `${JSON.stringify(record)}\n`).join('')],
  ['csv', csv, `id,name\n${RECORDS.map(({ id, name }) => `${id},"${name.replaceAll('"', '""')}"\n`).join('')}`],
]

async function read(source: Source): Promise<SourceRecord[]> {
  const chunks = await Array.fromAsync(source.read({ root, url: '', schema: '' }))
  return chunks.flat()
}

/** What a source makes of these bytes: the values, and the codes of what is refused, in the records or in the whole. */
async function outcome(
  source: (path: string) => Source,
  bytes: Buffer,
): Promise<{ values: unknown[]; refused: string[] }> {
  await writeFile(join(root, 'file'), bytes)
  try {
    const items = await read(source('file'))
    const refused = items.flatMap(({ parsed, position }) =>
      parsed.ok ? [] : [`${parsed.code} at ${position.line} (${/\(line \d+\)$/.test(parsed.reason)})`],
    )
    return { values: items.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : [])), refused }
  } catch (error) {
    const { code, location } = error as { code: string; location: { file: string } }
    return { values: [], refused: [`${code} in ${location.file}`] }
  }
}

const same = (value: unknown): string => JSON.stringify(value).replaceAll(/"id":"(\d)"/g, '"id":$1')

/** Behind a separator, or between two quotes that stand for one, what is left of a CSV file is a whole record: nobody can tell. */
const isCutField = (value: unknown, n: number): boolean => {
  const { name } = value as { name: string | null }
  return name === null || RECORDS[n]!.name.startsWith(name)
}

test.for(files)(
  '%s that breaks off anywhere: what is whole arrives, what is not is refused with its line',
  async ([kind, source, text]) => {
    const bytes = Buffer.from(text)
    const starts = [1, 2, 3].map((id) =>
      Buffer.byteLength(text.slice(0, new RegExp(`(?:"id": ?|^)${id},`, 'm').exec(text)!.index)),
    )
    const wrong: unknown[] = []
    for (let cut = 0; cut < bytes.length; cut += 1) {
      const { values, refused } = await outcome(source, bytes.subarray(0, cut))
      const due = starts.filter((start) => start < cut).length // all before the last of them are whole
      const right =
        values.length >= due - 1 &&
        values.every(
          (value, n) => same(value) === same(RECORDS[n]) || (kind === 'csv' && n === due - 1 && isCutField(value, n)),
        )
      const told = refused.length === 1 && !refused[0]!.includes('false')
      // A line that lacks its end may be a whole record; an array that lacks its end never is whole.
      if (right && (told || (refused.length === 0 && kind !== 'json'))) continue
      wrong.push({ cut, values, refused })
    }
    expect(wrong).toEqual([])
    expect(await outcome(source, bytes)).toEqual({
      values: kind === 'csv' ? RECORDS.map(({ id, name }) => ({ id: String(id), name })) : RECORDS,
      refused: [],
    })
  },
)

test.for(files)(
  '%s in another encoding is refused, and one byte that is not UTF-8 only where it stands',
  async ([, source, text]) => {
    for (const encoding of ['utf16le', 'latin1'] as const) {
      const { values, refused } = await outcome(source, Buffer.from(`\uFEFF${text}`, encoding))
      expect(refused.length).toBeGreaterThan(0)
      expect(values.map(same).filter((value) => value.includes('\u0000') || value.includes('Ã'))).toEqual([])
    }
    const bytes = Buffer.from(text)
    bytes[bytes.indexOf('é')] = 0xff
    const { values, refused } = await outcome(source, bytes)
    expect(values.map(same)).toEqual(RECORDS.slice(1).map(same))
    expect(refused).toEqual([expect.stringMatching(/^not-utf8 at \d+ \(true\)$/)])
  },
)

test.for(files)(
  '%s with a byte-order mark is the same, and any change of a byte is another source',
  async ([, source, text]) => {
    const plain = await outcome(source, Buffer.from(text))
    expect(await outcome(source, Buffer.from(`\uFEFF${text}`))).toEqual(plain)
    const hashes = new Set<string>()
    for (let at = 0; at < text.length; at += 7) {
      await writeFile(join(root, 'file'), `${text.slice(0, at)}x${text.slice(at + 1)}`)
      hashes.add((await source('file').identity({ root, url: '', schema: '' })).hash)
    }
    expect(hashes.size).toBe(Math.ceil(text.length / 7))
  },
)
