import { createHash } from 'node:crypto'
import type { ISql } from 'postgres'
import { compareVersions, isRepeatable, versionKey, type Migration, type Script } from './migration.ts'
import { toolVersion } from './version.ts'

/** A row of `landfall.migration`. */
export interface HistoryRow {
  readonly version: string
  readonly name: string
  readonly state: 'applied' | 'interrupted'
  /** Null when another runner applied it, and kept none. */
  readonly upChecksum: string | null
  readonly downChecksum: string | null
  /** The way back, for a checkout that lacks the file; with what its file says of it. */
  readonly downSql: string | null
  readonly downTransaction: boolean
  readonly irreversible: string | null
  readonly appliedAt: Date
  readonly progress: Progress
}

/** How far a script came that runs statement by statement. */
export interface Progress {
  readonly direction: 'up' | 'down'
  readonly done: number
  /** Of the statements that are done; null when nothing was begun. */
  readonly checksum: string | null
  /** Of the next statement, when it was begun and nothing stood in its way; null when not. */
  readonly begun: string | null
}

/** What stands between the files and the history, as `migrate status` says it. */
export interface MigrationStatus {
  readonly version: string
  readonly name: string
  readonly state: 'applied' | 'pending' | 'missing' | 'changed' | 'interrupted'
  /** ISO 8601, or null for a pending one. */
  readonly appliedAt: string | null
}

/** SHA-256 of the normalised text (no byte-order mark, `\n`): `sha256:…`. */
export const checksumOf = (script: Pick<Script, 'sql'>): string =>
  `sha256:${createHash('sha256').update(script.sql).digest('hex')}`

/** The history of one system, oldest version first; empty when landfall's tables are not there yet. */
export async function readHistory(sql: ISql, system: string): Promise<HistoryRow[]> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('landfall.migration') is not null as exists`
  if (!table?.exists) return []
  // All columns: those of a later version of landfall may be missing, and are then as their defaults.
  const rows = await sql<Row[]>`select * from landfall.migration where system = ${system}`
  return rows.map(toHistoryRow).toSorted((a, b) => compareVersions(a.version, b.version))
}

interface Row {
  readonly version: string
  readonly name: string
  readonly state: HistoryRow['state']
  readonly up_checksum: string
  readonly down_checksum: string | null
  readonly down_sql: string | null
  readonly applied_at: Date
  readonly direction?: Progress['direction']
  readonly statements_done?: number
  readonly done_checksum?: string | null
  readonly begun_checksum?: string | null
  readonly down_transaction?: boolean
  readonly irreversible?: string | null
}

const toHistoryRow = (row: Row): HistoryRow => ({
  version: row.version,
  name: row.name,
  state: row.state,
  upChecksum: row.up_checksum,
  downChecksum: row.down_checksum,
  downSql: row.down_sql,
  downTransaction: row.down_transaction ?? true,
  irreversible: row.irreversible ?? null,
  appliedAt: row.applied_at,
  progress: {
    direction: row.direction ?? 'up',
    done: row.statements_done ?? 0,
    checksum: row.done_checksum ?? null,
    begun: row.begun_checksum ?? null,
  },
})

/** Files against history. */
export function statusOf(migrations: readonly Migration[], history: readonly HistoryRow[]): MigrationStatus[] {
  const rows = new Map(history.map((row) => [versionKey(row.version), row]))
  const fromFiles = migrations.map((migration): MigrationStatus => {
    const { version, name } = migration
    const row = rows.get(versionKey(version))
    rows.delete(versionKey(version))
    if (!row) return { version, name, state: 'pending', appliedAt: null }
    const appliedAt = row.appliedAt.toISOString()
    if (row.state === 'interrupted') return { version, name, state: 'interrupted', appliedAt }
    if (row.upChecksum === null || row.upChecksum === checksumOf(migration.up))
      return { version, name, state: 'applied', appliedAt }
    // What may be repeated waits to be repeated.
    return isRepeatable(migration)
      ? { version, name, state: 'pending', appliedAt: null }
      : { version, name, state: 'changed', appliedAt }
  })
  const missing = [...rows.values()].map(({ version, name, appliedAt }): MigrationStatus => ({
    version,
    name,
    state: 'missing',
    appliedAt: appliedAt.toISOString(),
  }))
  return [...fromFiles, ...missing].toSorted((a, b) => compareVersions(a.version, b.version))
}

/** What is known of a migration when its row is written. */
export interface Recorded {
  readonly state: HistoryRow['state']
  /** Milliseconds, or what the transaction took so far; null when it was not run, or is not done. */
  readonly durationMs: number | 'of transaction' | null
  /** When another tool applied it; now when left out. */
  readonly appliedAt?: Date
  /** Of an interrupted one. */
  readonly progress?: Progress
}

/** The row that commits with the migration itself. */
export async function record(
  sql: ISql,
  system: string,
  { version, name, up, down, irreversible }: Migration,
  { state, durationMs, appliedAt, progress }: Recorded,
): Promise<void> {
  const ms = typeof durationMs === 'number' ? Math.round(durationMs) : null
  const ofTransaction = durationMs === 'of transaction'
  await sql`
    insert into landfall.migration (
      system, version, name, state, up_checksum, down_checksum, down_sql, transaction, tool_version,
      duration_ms, applied_at, direction, statements_done, done_checksum, begun_checksum, down_transaction, irreversible)
    values (
      ${system}, ${versionKey(version)}, ${name}, ${state}, ${checksumOf(up)}, ${down && checksumOf(down)}, ${down && down.sql},
      ${up.transaction}, ${toolVersion}, case when ${ofTransaction} then extract(epoch from clock_timestamp() - now()) * 1000 else ${ms}::integer end,
      coalesce(${appliedAt ?? null}::timestamptz, clock_timestamp()), ${progress?.direction ?? 'up'},
      ${progress?.done ?? 0}, ${progress?.checksum ?? null}, ${progress?.begun ?? null}, ${down?.transaction ?? true}, ${irreversible})
    on conflict (system, version) do update set
      name = excluded.name, state = excluded.state, applied_at = excluded.applied_at, applied_by = excluded.applied_by,
      transaction = excluded.transaction, up_checksum = excluded.up_checksum, down_checksum = excluded.down_checksum,
      down_sql = excluded.down_sql, tool_version = excluded.tool_version, duration_ms = excluded.duration_ms,
      direction = excluded.direction, statements_done = excluded.statements_done,
      done_checksum = excluded.done_checksum, begun_checksum = excluded.begun_checksum, down_transaction = excluded.down_transaction,
      irreversible = excluded.irreversible`
}

/** The row of one of landfall's own migrations, which make the table: with the columns that are there from the first on. */
export async function recordOwn(sql: ISql, { version, name, up, down }: Migration): Promise<void> {
  await sql`
    insert into landfall.migration (system, version, name, state, up_checksum, down_checksum, down_sql, transaction, tool_version)
    values ('landfall', ${versionKey(version)}, ${name}, 'applied', ${checksumOf(up)}, ${checksumOf(down!)}, ${down!.sql}, ${up.transaction}, ${toolVersion})`
}

/** How far a script came. */
export async function recordProgress(sql: ISql, system: string, version: string, progress: Progress): Promise<void> {
  await sql`
    update landfall.migration
    set state = 'interrupted', direction = ${progress.direction}, statements_done = ${progress.done},
      done_checksum = ${progress.checksum}, begun_checksum = ${progress.begun}
    where system = ${system} and version = ${versionKey(version)}`
}

export async function recordReverted(sql: ISql, system: string, version: string): Promise<void> {
  await sql`delete from landfall.migration where system = ${system} and version = ${versionKey(version)}`
}
