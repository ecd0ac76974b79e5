import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { openSqlite } from '../../migrations/sqlite/open.ts'
import { sqliteFile } from '../../migrations/sqlite/url.ts'
import { identifier } from '../identifier.ts'
import { jsonText } from '../json-text.ts'
import type { DumpRow, ImportRequest, ImportTarget, TableInDump } from './import.ts'
import { thereAreRows } from './not-empty.ts'
import { newestIn, readSqliteTables } from './sqlite-source.ts'

/** Writes to a SQLite file, in one transaction; its references are looked at in the end. */
export async function writeTarget(
  { url, system, file, replace = false }: ImportRequest,
  work: (target: ImportTarget) => Promise<void>,
): Promise<void> {
  using database = openSqlite(sqliteFile(url), {})
  database.exec('begin immediate; pragma defer_foreign_keys = on')
  try {
    await work({
      tables: readSqliteTables(database),
      migration: newestIn(database, system),
      async prepare(meant) {
        for (const { table } of replace ? meant : []) database.exec(`delete from ${identifier(table.name)}`)
        const taken = meant.filter(({ table }) => hasRows(database, table.name)).map(({ table }) => table.name)
        if (taken.length > 0) throw thereAreRows(taken)
      },
      async begin() {},
      insert: async (table, rows) => insert(database, table, rows, file),
      async finish() {},
    })
    commit(database, file)
  } finally {
    if (database.isTransaction) database.exec('rollback')
  }
}

const hasRows = (database: DatabaseSync, table: string): boolean =>
  database.prepare(`select 1 from ${identifier(table)} limit 1`).get() !== undefined

function commit(database: DatabaseSync, file: string): void {
  const [broken] = database.prepare('pragma foreign_key_check').all()
  if (broken !== undefined)
    throw refused(
      file,
      null,
      `a row of ${String(broken['table'])} refers to a row of ${String(broken['parent'])} that is not there`,
    )
  database.exec('commit')
}

function insert(database: DatabaseSync, { table, columns }: TableInDump, rows: readonly DumpRow[], file: string): void {
  const names = columns.map(({ name }) => identifier(name)).join(', ')
  const places = columns.map(() => '?').join(', ')
  const statement = database.prepare(`insert into ${identifier(table.name)} (${names}) values (${places})`)
  for (const { line, value } of rows) {
    try {
      statement.run(...columns.map(({ name, type }) => sqliteValue(value[name], type)))
    } catch (cause) {
      throw refused(file, line, messageOf(cause), cause)
    }
  }
}

function sqliteValue(value: unknown, type: string): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'object' && value !== null) return jsonText(value)!
  if (typeof value === 'string' && /blob/.test(type) && /^\\x([0-9a-f]{2})*$/.test(value))
    return Buffer.from(value.slice(2), 'hex')
  // A whole number is one to SQLite only as a bigint.
  return typeof value === 'number' && /int/.test(type) && Number.isSafeInteger(value)
    ? BigInt(value)
    : (value as SQLInputValue)
}

const refused = (file: string, line: number | null, message: string, cause?: unknown): LandfallError =>
  new LandfallError('findings', 'data/refused', `SQLite refuses the dump: ${message}`, {
    location: { file, line, column: null },
    next: 'correct the row; nothing was imported',
    cause,
  })
