import { LandfallError } from '../../migrations/error.ts'
import { compareVersions } from '../../migrations/migration.ts'
import { isSqlite } from '../../migrations/sqlite/url.ts'
import { jsonValue, parseRecord } from '../sources/parse-record.ts'
import type { TableCount } from './export.ts'
import { type DumpHeader, type DumpTable, FORMAT, headerSchema, JSON_NULLS } from './format.ts'
import { JsonReader, type JsonText } from './json-reader.ts'

export interface ImportRequest {
  readonly url: string
  readonly system: string
  readonly schema: string
  /** The name of the dump, for errors. */
  readonly file: string
  readonly chunks: AsyncIterable<Buffer>
  /** Takes out the rows of the dump's tables before. */
  readonly replace?: boolean
  readonly signal?: AbortSignal
}

/** A row of a dump, looked through. */
export interface DumpRow {
  readonly line: number
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
}

/** A table of a dump with the columns that it brings, in the order of the table. */
export interface TableInDump {
  readonly table: DumpTable
  readonly columns: DumpTable['columns']
}

/** A database in a transaction, whose tables are filled. */
export interface ImportTarget {
  readonly tables: readonly DumpTable[]
  /** The newest migration; null when nobody kept a history. */
  readonly migration: string | null
  /** Makes ready the tables that are about to be filled; refuses those that hold rows, unless these are to be replaced. */
  readonly prepare: (tables: readonly TableInDump[]) => Promise<void>
  /** What refers to a table of `later` is looked at when all is there. */
  readonly begin: (table: TableInDump, later: ReadonlySet<string>) => Promise<void>
  /** Throws with the line of the row that is refused. */
  readonly insert: (table: TableInDump, rows: readonly DumpRow[]) => Promise<void>
  readonly finish: (sequences: DumpHeader['sequences']) => Promise<void>
}

const BATCH = { rows: 500, bytes: 1024 * 1024 }

/**
 * Reads a dump into a system's tables: all of it in one transaction, or nothing.
 * @throws {LandfallError} `usage`: it is no dump, of another system, or not of these tables; `refused`: there are rows;
 *   `findings`: the database refuses a row
 */
export async function importData(request: ImportRequest): Promise<TableCount[]> {
  const reader = new JsonReader(request.file, request.chunks)
  const header = await readHeader(reader, request)
  const counts: TableCount[] = []
  await writing(request, async (target) => {
    assertMigration(reader, header, target.migration)
    const tables = tablesIn(reader, header, target.tables)
    await target.prepare([...tables.values()])
    const later = new Set(tables.keys())
    for await (const name of reader.members()) {
      const table = tables.get(name)
      if (table === undefined || !later.has(name))
        throw mismatch(reader, table === undefined ? `${name} is not among the columns` : `${name} is there twice`)
      await target.begin(table, later)
      counts.push({ table: name, rows: await fill(reader, target, table, request.signal) })
      later.delete(name)
    }
    if (later.size > 0) throw mismatch(reader, `the rows of ${[...later].join(', ')} are missing`)
    await reader.expect('}')
    if ((await reader.peek()) !== null) throw reader.broken('there is more behind the end of the dump')
    await target.finish(header.sequences)
  })
  return counts
}

async function writing(request: ImportRequest, work: (target: ImportTarget) => Promise<void>): Promise<void> {
  const { writeTarget } = isSqlite(request.url)
    ? await import('./sqlite-target.ts')
    : await import('./postgres-target.ts')
  return writeTarget(request, work)
}

/** Everything that stands before the rows; the reader is at them then. */
async function readHeader(reader: JsonReader, { system }: ImportRequest): Promise<DumpHeader> {
  const said: Record<string, unknown> = {}
  let atTables = false
  for await (const name of reader.members()) {
    atTables = name === 'tables'
    if (atTables) break
    said[name] = await reader.parsed()
  }
  if (said['schema'] !== undefined && said['schema'] !== FORMAT)
    throw mismatch(reader, `the dump is of version ${JSON.stringify(said['schema'])}, and ${FORMAT} is what is read`)
  const header = headerSchema.safeParse(said)
  if (!header.success) {
    const [issue] = header.error.issues
    throw mismatch(reader, `this is no dump of landfall: ${issue!.path.join('.')}: ${issue!.message}`)
  }
  if (!atTables) throw mismatch(reader, 'the dump has no tables; they come last in it')
  if (header.data.system !== system)
    throw mismatch(reader, `the dump is of the system ${header.data.system}, and ${system} is asked for`)
  return header.data
}

function assertMigration(reader: JsonReader, { migration }: DumpHeader, current: string | null): void {
  if (migration === null || current === null || compareVersions(migration, current) === 0) return
  throw new LandfallError(
    'usage',
    'data/other-migration',
    `the dump was taken at migration ${migration}, and the database is at ${current}`,
    {
      location: { file: reader.file, line: 1, column: null },
      next: `bring the database there with landfall migrate, import, and go on from there`,
    },
  )
}

function tablesIn(reader: JsonReader, header: DumpHeader, tables: readonly DumpTable[]): Map<string, TableInDump> {
  return new Map(
    Object.entries(header.columns).map(([name, columns]) => {
      const table = tables.find((each) => each.name === name)
      if (table === undefined) throw mismatch(reader, `the database has no table ${name}`)
      const unknown = Object.keys(columns).find((column) => !table.columns.some((each) => each.name === column))
      if (unknown !== undefined)
        throw mismatch(reader, `the table ${name} has no column ${unknown} that can be written`)
      return [name, { table, columns: table.columns.filter((column) => column.name in columns) }]
    }),
  )
}

const mismatch = (reader: JsonReader, message: string): LandfallError =>
  new LandfallError('usage', 'data/mismatch', message, {
    location: { file: reader.file, line: reader.line, column: null },
    next: 'name the database and the system that the dump is of; nothing was imported',
  })

async function fill(
  reader: JsonReader,
  target: ImportTarget,
  table: TableInDump,
  signal: AbortSignal | undefined,
): Promise<number> {
  let [rows, bytes, count]: [DumpRow[], number, number] = [[], 0, 0]
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted()
    if (rows.length > 0) await target.insert(table, rows)
    ;[rows, bytes, count] = [[], 0, count + rows.length]
  }
  for await (const element of reader.elements()) {
    rows.push(rowOf(reader, table, element))
    bytes += element.bytes.length
    if (rows.length >= BATCH.rows || bytes >= BATCH.bytes) await flush()
  }
  await flush()
  return count
}

function rowOf(reader: JsonReader, { table, columns }: TableInDump, { bytes, line }: JsonText): DumpRow {
  const { parsed } = parseRecord(bytes, line)
  // A value of the type json may hold a name twice.
  if (!parsed.ok && parsed.code !== 'duplicate-key')
    throw reader.broken(`a row of ${table.name} is no JSON: ${parsed.reason}`, line)
  const text = bytes.toString()
  const value = (parsed.ok ? parsed.value : jsonValue(text)) as DumpRow['value']
  const wrong = (what: string): LandfallError => reader.broken(`a row of ${table.name} ${what}`, line)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is no object')
  for (const name of Object.keys(value))
    if (name !== JSON_NULLS && !columns.some((column) => column.name === name))
      throw wrong(`has a column ${name}, which the dump does not name`)
  for (const { name, json } of columns) {
    if (!(name in value)) throw wrong(`has no ${name}`)
    const field = value[name]
    if (!json && typeof field === 'object' && field !== null && !Array.isArray(field))
      throw wrong(`has an object as its ${name}`)
  }
  return { line, text, value }
}
