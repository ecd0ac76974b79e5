import { parseRecord } from './parse-record.ts'
import { fileIdentity, readBytes } from './source-file.ts'
import type { Cursor, Source, SourceRecord } from './source.ts'

const NEWLINE = 0x0a
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** One JSON value a line; empty lines are skipped. `path` is relative to the config file. */
export const ndjson = (path: string): Source => ({
  kind: 'ndjson',
  label: path,
  file: path,
  identity: (root) => fileIdentity('ndjson', path, root),
  read: (root, after) => readLines(path, root, after ?? null),
})

async function* readLines(path: string, root: string, after: Cursor | null): AsyncGenerator<SourceRecord[]> {
  let record = after?.record ?? 0
  let line = after?.line ?? 1
  let offset = after?.offset ?? 0
  let rest: Buffer = Buffer.alloc(0)
  let parts: Buffer[] = []

  const take = (bytes: Buffer, items: SourceRecord[]): void => {
    const start = offset === 0 && bytes.subarray(0, 3).equals(BOM) ? 3 : 0
    const text = bytes.subarray(start, bytes.at(-1) === NEWLINE ? -1 : undefined)
    const end = offset + bytes.length
    if (!isBlank(text)) {
      record += 1
      items.push({
        position: { record, line, offset: offset + start },
        end: { record, line: line + 1, offset: end },
        ...parseRecord(text, line),
      })
    }
    line += 1
    offset = end
  }

  for await (const chunk of readBytes(path, root, offset)) {
    const last = chunk.lastIndexOf(NEWLINE)
    if (last < 0) {
      parts.push(chunk)
      continue
    }
    const lines =
      parts.length === 0 ? chunk.subarray(0, last + 1) : Buffer.concat([...parts, chunk.subarray(0, last + 1)])
    parts = [chunk.subarray(last + 1)]
    const items: SourceRecord[] = []
    for (let from = 0; from < lines.length;) {
      const to = lines.indexOf(NEWLINE, from) + 1
      take(lines.subarray(from, to), items)
      from = to
    }
    yield items
  }
  rest = Buffer.concat(parts)
  const items: SourceRecord[] = []
  if (rest.length > 0) take(rest, items)
  yield items
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
