import { parse, type CsvError } from 'csv-parse'
import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { fileIdentity, readContent } from './source-file.ts'
import type { Cursor, Source, SourceRecord } from './source.ts'

export interface CsvOptions {
  /** Default `,`. */
  readonly delimiter?: string
  /** The names of the columns, for a file whose first record is not their names. */
  readonly columns?: readonly string[]
}

/**
 * CSV (RFC 4180), in UTF-8, a record as an object of texts by the names of the columns. As PostgreSQL has it, an empty
 * field is null and `""` the empty text. `path` is relative to the config file.
 */
export const csv = (path: string, options: CsvOptions = {}): Source => ({
  kind: 'csv',
  label: path,
  file: path,
  identity: ({ root }) => fileIdentity('csv', path, root),
  read: ({ root }, after) => readCsv(path, root, after ?? null, options),
})

/** What csv-parse says of a record; its texts have one character a byte. */
interface Parsed {
  readonly record: readonly (string | null)[]
  readonly raw: string
  readonly info: { readonly bytes: number; readonly lines: number }
}

/** What csv-parse gave up; it may be ahead of the records that it has handed out. */
interface Skipped {
  readonly raw: string
  readonly reason: string
  /** About where, from where it began to read. */
  readonly bytes: number
}

const CHUNK = 500
const MAX_RECORD = 256 * 1024 * 1024
const BOM = [0xef, 0xbb, 0xbf]

async function* readCsv(
  path: string,
  root: string,
  after: Cursor | null,
  { delimiter = ',', columns }: CsvOptions,
): AsyncGenerator<SourceRecord[]> {
  const start = after?.offset ?? (await markLength(path, root))
  let names = columns ?? (after === null ? null : await namesIn(path, root, delimiter))
  let record = after?.record ?? 0
  let items: SourceRecord[] = []
  const skipped: Skipped[] = []
  let next: Cursor = { record, line: after?.line ?? 1, offset: start }

  const reject = (raw: string, code: string, reason: string, end: Cursor): void => {
    items.push({
      position: positionOf(record),
      end,
      raw: decoded(raw) ?? Buffer.from(raw, 'latin1').toString(),
      parsed: { ok: false, code, reason: `${reason} (line ${next.line})` },
    })
  }
  /** What stands between two records is one that cannot be read, however many it was meant to be. */
  const rejectBroken = (broken: readonly Skipped[], end: number): void => {
    const text = broken.map(({ raw }) => raw).join('')
    const blank = /^[\r\n]*/.exec(text)![0]
    record += 1
    next = { record, line: next.line! + newlines(blank), offset: next.offset! + blank.length }
    const after = { record, line: next.line! + newlines(text.slice(blank.length).trimEnd()) + 1, offset: end }
    reject(text.slice(blank.length), 'invalid-csv', broken[0]!.reason, after)
    next = after
  }
  const positionOf = (number: number) => ({ record: number, line: next.line, offset: next.offset })

  for await (const { record: fields, raw, info } of parsed(path, root, start, delimiter, skipped)) {
    const ahead = skipped.findIndex(({ bytes }) => bytes > info.bytes)
    const broken = skipped.splice(0, ahead < 0 ? skipped.length : ahead)
    if (broken.length > 0) rejectBroken(broken, start + info.bytes - raw.length)
    const blank = /^[\r\n]*/.exec(raw)![0]
    next = { record, line: next.line! + newlines(blank), offset: next.offset! + blank.length }
    const end = { record: record + 1, line: next.line! + newlines(raw) - newlines(blank), offset: start + info.bytes }
    if (names === null) {
      names = checked(path, fields, next.line!)
      next = { ...end, record }
      continue
    }
    record += 1
    const text = decoded(raw)
    if (text === null) reject(raw, 'not-utf8', 'the record holds bytes that are not UTF-8', end)
    else if (fields.length !== names.length)
      reject(raw, 'wrong-columns', `the record has ${fields.length} fields, and there are ${names.length} columns`, end)
    else {
      const value = Object.fromEntries(names.map((name, n) => [name, fields[n] == null ? null : decoded(fields[n])]))
      items.push({ position: positionOf(record), end, raw: value, parsed: { ok: true, value } })
    }
    next = end
    if (items.length < CHUNK) continue
    yield items
    items = []
  }
  if (skipped.length > 0) rejectBroken(skipped, next.offset! + skipped.reduce((sum, { raw }) => sum + raw.length, 0))
  yield items
}

async function* parsed(
  path: string,
  root: string,
  start: number,
  delimiter: string,
  skipped: Skipped[],
): AsyncGenerator<Parsed> {
  const parser = parse({
    delimiter: Buffer.from(delimiter).toString('latin1'),
    encoding: 'latin1', // a character a byte: what is no UTF-8 is found record by record
    info: true,
    raw: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: MAX_RECORD,
    cast: (value, { quoting }) => (value === '' && !quoting ? null : value),
    on_skip: (error: CsvError | undefined, raw: string | undefined) =>
      void skipped.push({
        raw: raw ?? '',
        reason: (error?.message ?? 'the record is no CSV').replace(/ at line \d+.*$/s, ''),
        bytes: Number(error?.['bytes'] ?? 0),
      }),
  })
  const source = Readable.from(readContent(path, root, start))
  source.once('error', (error) => parser.destroy(error))
  try {
    yield* source.pipe(parser) as AsyncIterable<Parsed>
  } catch (error) {
    if (error instanceof LandfallError) throw error
    throw new LandfallError(
      'usage',
      'backfills/source-unreadable',
      `${path} cannot be read as CSV: ${messageOf(error)}`,
      {
        next: 'correct the file, or the delimiter in the job',
        location: { file: path, line: null, column: null },
        cause: error,
      },
    )
  } finally {
    source.destroy()
  }
}

/** The names in the first record. */
async function namesIn(path: string, root: string, delimiter: string): Promise<readonly string[]> {
  for await (const { record } of parsed(path, root, await markLength(path, root), delimiter, []))
    return checked(path, record, 1)
  return []
}

async function markLength(path: string, root: string): Promise<number> {
  for await (const bytes of readContent(path, root)) return BOM.every((byte, n) => bytes[n] === byte) ? 3 : 0
  return 0
}

function checked(path: string, fields: readonly (string | null)[], line: number): readonly string[] {
  const names = fields.map((field) => decoded(field ?? '') ?? '')
  const twice = names.find((name, n) => names.indexOf(name) !== n)
  if (!names.includes('') && twice === undefined) return names
  throw new LandfallError(
    'usage',
    'backfills/csv-header',
    `the header of ${path} ${twice === undefined || twice === '' ? 'has a column without a name' : `names the column ${twice} twice`}`,
    {
      next: 'correct the first line, or name the columns in the job: csv(path, { columns: [...] })',
      location: { file: path, line, column: null },
    },
  )
}

/** The characters that the bytes stand for; null when they stand for none. */
function decoded(bytes: string): string | null {
  if (!/[\x80-\xff]/.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  return isUtf8(buffer) ? buffer.toString() : null
}

const newlines = (text: string): number => text.split('\n').length - 1
