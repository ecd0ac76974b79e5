import { jsonValue, recordsIn } from './parse-record.ts'
import { fileIdentity, readContent } from './source-file.ts'
import type { Cursor, Source, SourceRecord } from './source.ts'

const NEWLINE = 0x0a
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** One JSON value a line; empty lines are skipped. `path` is relative to the config file. */
export const ndjson = (path: string): Source => ({
  kind: 'ndjson',
  label: path,
  file: path,
  parse: jsonValue,
  identity: ({ root }) => fileIdentity('ndjson', path, root),
  read: ({ root }, after) => readLines(path, root, after ?? null),
})

async function* readLines(path: string, root: string, after: Cursor | null): AsyncGenerator<SourceRecord[]> {
  let record = after?.record ?? 0
  let line = after?.line ?? 1
  let offset = after?.offset ?? 0
  let parts: Buffer[] = []

  /** Whole lines, the last of which may lack its end. */
  const take = (lines: Buffer): SourceRecord[] => {
    const items: SourceRecord[] = []
    const read = recordsIn(lines)
    for (let from = 0; from < lines.length;) {
      const newline = lines.indexOf(NEWLINE, from)
      const to = newline < 0 ? lines.length : newline
      const begin = offset === 0 && lines.subarray(0, 3).equals(BOM) ? 3 : from
      const end = offset + (newline < 0 ? to : to + 1) - from
      if (!isBlank(lines, begin, to)) {
        record += 1
        const { raw, parsed } = read(begin, to, line)
        const position = { record, line, offset: offset + begin - from }
        items.push({ position, end: { record, line: line + 1, offset: end }, raw, parsed })
      }
      line += 1
      offset = end
      from = to + 1
    }
    return items
  }

  for await (const chunk of readContent(path, root, offset)) {
    const last = chunk.lastIndexOf(NEWLINE)
    if (last < 0) {
      parts.push(chunk)
      continue
    }
    const lines =
      parts.length === 0 ? chunk.subarray(0, last + 1) : Buffer.concat([...parts, chunk.subarray(0, last + 1)])
    parts = [chunk.subarray(last + 1)]
    yield take(lines)
  }
  yield take(Buffer.concat(parts))
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) {
    const byte = bytes[i]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  }
  return true
}
