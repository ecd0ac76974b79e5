import type { DatabaseSync } from 'node:sqlite'
import { checksumOf, type HistoryRow } from '../history.ts'
import { LandfallError } from '../error.ts'
import { compareVersions, versionKey, type Migration } from '../migration.ts'

/**
 * What a SQLite file knows of its migrations: a version and when it was applied (milliseconds since 1970), as runners keep
 * it; and what landfall needs to go down without the file, and to see that it was edited.
 */
const TABLE = `create table if not exists schema_migrations (
  version text primary key,
  applied_at integer
)`
const COLUMNS = ['system', 'name', 'up_checksum', 'down_checksum', 'down_sql', 'irreversible']

/** Makes the table, or adds what one that another runner made is lacking. */
export function installHistory(database: DatabaseSync): void {
  database.exec(TABLE)
  const there = new Set(columnsOf(database))
  for (const column of COLUMNS)
    if (!there.has(column)) database.exec(`alter table schema_migrations add column ${column} text`)
}

interface Row {
  readonly version: string
  readonly applied_at: number | null
  readonly system?: string | null
  readonly name?: string | null
  readonly up_checksum?: string | null
  readonly down_checksum?: string | null
  readonly down_sql?: string | null
  readonly irreversible?: string | null
}

/**
 * The history, oldest version first; empty without the table.
 * @throws {LandfallError} `usage`: it is another system's
 */
export function readSqliteHistory(database: DatabaseSync, system: string): HistoryRow[] {
  if (columnsOf(database).length === 0) return []
  const rows = database.prepare('select * from schema_migrations').all() as unknown as Row[]
  const other = rows.find((row) => row.system != null && row.system !== system)?.system
  if (other)
    throw new LandfallError('usage', 'migrations/other-system', `the SQLite file holds the system ${other}`, {
      next: `a SQLite file is one system's: name another file for ${system}, or give --system ${other}`,
    })
  return rows.map(toHistoryRow).toSorted((a, b) => compareVersions(a.version, b.version))
}

const toHistoryRow = (row: Row): HistoryRow => ({
  version: numberOf(row.version),
  name: row.name ?? '',
  state: 'applied',
  upChecksum: row.up_checksum ?? null,
  downChecksum: row.down_checksum ?? null,
  downSql: row.down_sql ?? null,
  downTransaction: true,
  irreversible: row.irreversible ?? null,
  appliedAt: new Date(row.applied_at ?? 0),
  progress: { direction: 'up', done: 0, checksum: null, begun: null },
})

export function recordApplied(database: DatabaseSync, system: string, migration: Migration, appliedAt: Date): void {
  const { version, name, up, down, irreversible } = migration
  forget(database, version) // a repeatable one is there already
  database
    .prepare(
      `insert into schema_migrations (version, applied_at, system, name, up_checksum, down_checksum, down_sql, irreversible)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      version,
      appliedAt.getTime(),
      system,
      name,
      checksumOf(up),
      down && checksumOf(down),
      down && down.sql,
      irreversible,
    )
}

/** Versions are the same however many zeros they begin with. */
export function forget(database: DatabaseSync, version: string): void {
  const drop = database.prepare('delete from schema_migrations where version = ?')
  for (const { version: written } of database.prepare('select version from schema_migrations').all())
    if (versionKey(numberOf(String(written))) === versionKey(version)) drop.run(String(written))
}

/** Other runners keep the name of the file: `0001_create_tasks.sql`. */
const numberOf = (version: string): string => /^\d+(\.\d+)*/.exec(version)?.[0] ?? version

const columnsOf = (database: DatabaseSync): string[] =>
  database
    .prepare("select name from pragma_table_info('schema_migrations')")
    .all()
    .map(({ name }) => String(name))
