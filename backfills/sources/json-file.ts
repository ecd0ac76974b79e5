import { LandfallError } from '../../migrations/error.ts'
import { elementsOf } from './json-array.ts'
import { jsonValue, parseRecord } from './parse-record.ts'
import { RawText } from './raw-text.ts'
import { fileIdentity, readContent } from './source-file.ts'
import type { Cursor, Source, SourceRecord } from './source.ts'

/** A JSON array of records, of any size: it is never in memory as a whole. `path` is relative to the config file. */
export const jsonFile = (path: string): Source => ({
  kind: 'json',
  label: path,
  file: path,
  parse: jsonValue,
  identity: ({ root }) => fileIdentity('json', path, root),
  read: ({ root }, after) => readArray(path, root, after ?? null),
})

async function* readArray(path: string, root: string, after: Cursor | null): AsyncGenerator<SourceRecord[]> {
  if (after !== null && after.offset === null) return // behind the place where the array breaks off
  let record = after?.record ?? 0
  for await (const elements of elementsOf(readContent(path, root, after?.offset ?? 0), after)) {
    const items: SourceRecord[] = []
    for (const element of elements) {
      if (element.kind === 'not-an-array') throw notAnArray(path, element.line)
      record += 1
      const { line, offset } = element
      const position = { record, line, offset }
      items.push(
        element.kind === 'element'
          ? {
              position,
              end: { record, line: element.endLine, offset: element.end },
              ...parseRecord(element.bytes, line),
            }
          : {
              position,
              end: { record, line: null, offset: null },
              raw: new RawText(element.bytes),
              parsed: { ok: false, code: 'invalid-json', reason: element.reason },
            },
      )
    }
    yield items
  }
}

const notAnArray = (path: string, line: number): LandfallError =>
  new LandfallError('usage', 'backfills/source-not-an-array', `${path} does not hold a JSON array`, {
    next: 'jsonFile() reads an array of records; for one JSON value a line use ndjson()',
    location: { file: path, line, column: null },
  })
