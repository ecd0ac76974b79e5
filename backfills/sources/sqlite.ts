import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { LandfallError } from '../../migrations/error.ts'
import { identifier } from '../identifier.ts'
import { fileIdentity, unreadable } from './source-file.ts'
import type { Cursor, Source, SourceIdentity, SourceRecord } from './source.ts'

const CHUNK = 1000

export interface SqliteOptions {
  /** Columns by which the rows come, the greatest first: what refers to a later row of its own table comes after it then. */
  readonly descending?: readonly string[]
}

/**
 * The rows of a table in a SQLite file, in the order of its primary key, as objects by the names of the columns: numbers
 * (bigint beyond 2^53), texts, bytes, null. `path` is relative to the config file; the file is only read.
 */
export const sqlite = (path: string, table: string, options: SqliteOptions = {}): Source => ({
  kind: 'sqlite',
  label: `${path}:${table}`,
  file: path,
  identity: ({ root }) => identityOf(path, table, root),
  read: ({ root }, after) => readRows(path, table, options, root, after ?? null),
})

/** What is committed may stand in the file's write-ahead log. */
async function identityOf(path: string, table: string, root: string): Promise<SourceIdentity> {
  const label = `${path}:${table}`
  const main = await fileIdentity('sqlite', path, root)
  if (!existsSync(resolve(root, `${path}-wal`))) return { ...main, label }
  const log = await fileIdentity('sqlite', `${path}-wal`, root)
  return log.size === 0
    ? { ...main, label }
    : {
        ...main,
        label,
        hash: createHash('sha256')
          .update(main.hash + log.hash)
          .digest('hex'),
      }
}

async function* readRows(
  path: string,
  table: string,
  { descending = [] }: SqliteOptions,
  root: string,
  after: Cursor | null,
): AsyncGenerator<SourceRecord[]> {
  using database = opened(path, root)
  const statement = database.prepare(selectOf(database, path, table, descending))
  statement.setReadBigInts(true)
  let record = 0
  let items: SourceRecord[] = []
  for (const row of statement.iterate()) {
    record += 1
    if (after !== null && record <= after.record) continue
    const value = Object.fromEntries(Object.entries(row).map(([name, field]) => [name, small(field)]))
    const position = { record, line: null, offset: null }
    items.push({ position, end: position, raw: value, parsed: { ok: true, value } })
    if (items.length < CHUNK) continue
    yield items
    items = []
  }
  yield items
}

const small = (value: SQLOutputValue): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value

function opened(path: string, root: string): DatabaseSync {
  const file = resolve(root, path)
  if (!existsSync(file)) throw unreadable(path, Object.assign(new Error('missing'), { code: 'ENOENT' }))
  try {
    const database = new DatabaseSync(file, { readOnly: true })
    database.prepare('select count(*) from sqlite_schema').get() // says whether it is a database at all
    return database
  } catch (error) {
    throw unreadable(path, error)
  }
}

function selectOf(database: DatabaseSync, path: string, table: string, descending: readonly string[]): string {
  const tables = database.prepare(`select name from sqlite_schema where type in ('table', 'view') order by name`).all()
  if (!tables.some(({ name }) => name === table))
    throw new LandfallError('usage', 'backfills/source-table', `${path} has no table ${table}`, {
      next: `its tables are ${tables.map(({ name }) => name).join(', ') || 'none'}`,
      location: { file: path, line: null, column: null },
    })
  const key = database
    .prepare('select name from pragma_table_info(?) where pk > 0 order by pk')
    .all(table)
    .map(({ name }) => identifier(String(name)))
  const order = key.length > 0 ? key.join(', ') : hasRowid(database, table) ? 'rowid' : null
  if (order === null)
    throw new LandfallError(
      'usage',
      'backfills/source-table',
      `${table} of ${path} is a view: its rows have no order`,
      {
        next: 'name a table',
        location: { file: path, line: null, column: null },
      },
    )
  const columns = database.prepare('select name from pragma_table_info(?)').all(table)
  const unknown = descending.find((column) => !columns.some(({ name }) => name === column))
  if (unknown !== undefined)
    throw new LandfallError('usage', 'backfills/source-table', `${table} of ${path} has no column ${unknown}`, {
      next: `its columns are ${columns.map(({ name }) => name).join(', ')}`,
      location: { file: path, line: null, column: null },
    })
  const first = descending.map((column) => `${identifier(column)} desc, `).join('')
  return `select * from ${identifier(table)} order by ${first}${order}`
}

const hasRowid = (database: DatabaseSync, table: string): boolean =>
  database.prepare(`select 1 from sqlite_schema where type = 'table' and name = ?`).get(table) !== undefined
