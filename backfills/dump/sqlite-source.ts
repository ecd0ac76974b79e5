import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import { versionKey } from '../../migrations/migration.ts'
import { readSqliteHistory } from '../../migrations/sqlite/history.ts'
import { openSqlite } from '../../migrations/sqlite/open.ts'
import { readSqliteSchema, type SqliteTable } from '../../migrations/sqlite/schema.ts'
import { sqliteFile } from '../../migrations/sqlite/url.ts'
import { identifier } from '../identifier.ts'
import type { ExportRequest, ExportSource } from './export.ts'
import type { DumpTable } from './format.ts'

const BATCH = 500

/** Reads a SQLite file as it is at one moment, and only reads. */
export async function readSource(
  { url, system }: ExportRequest,
  work: (source: ExportSource) => Promise<void>,
): Promise<void> {
  using database = openSqlite(sqliteFile(url), { readOnly: true })
  database.exec('begin')
  const tables = readSqliteTables(database)
  const byName = new Map(tables.map((table) => [table.name, table]))
  await work({
    tables,
    migration: newestIn(database, system),
    sequences: {},
    rows: (table) => rowsOf(database, byName.get(table.name)!),
  })
}

/** The newest migration of a file, as PostgreSQL's history writes it. */
export function newestIn(database: DatabaseSync, system: string): string | null {
  const newest = readSqliteHistory(database, system).at(-1)
  return newest === undefined ? null : versionKey(newest.version)
}

/** What a dump needs to know of a table in SQLite. */
export interface SqliteDumpTable extends DumpTable {
  readonly key: SqliteTable['primaryKey']
}

export const readSqliteTables = (database: DatabaseSync): SqliteDumpTable[] =>
  readSqliteSchema(database).tables.map(({ name, columns, primaryKey, foreignKeys }) => ({
    name,
    columns: columns
      .filter(({ generated }) => !generated)
      .map(({ name: column, type }) => ({ name: column, type: type.toLowerCase(), json: false })),
    refersTo: foreignKeys.map(({ table }) => table),
    key: primaryKey,
  }))

async function* rowsOf(database: DatabaseSync, table: SqliteDumpTable): AsyncGenerator<string[]> {
  const columns = table.columns.map(({ name }) => identifier(name)).join(', ')
  const order = table.key.length > 0 ? table.key.map(identifier).join(', ') : 'rowid'
  const statement = database.prepare(`select ${columns} from ${identifier(table.name)} order by ${order}`)
  statement.setReadBigInts(true)
  let batch: string[] = []
  for (const row of statement.iterate()) {
    batch.push(rowText(row))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}

const rowText = (row: Readonly<Record<string, SQLOutputValue>>): string =>
  `{${Object.entries(row)
    .map(([name, value]) => `${JSON.stringify(name)}:${valueText(value)}`)
    .join(',')}}`

/** Bytes are written as PostgreSQL writes and reads them. What is no finite number has no other word in JSON than this. */
function valueText(value: SQLOutputValue): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return `${value < 0 ? '-' : ''}9e999`
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString('hex')}"`
  return JSON.stringify(value)
}
