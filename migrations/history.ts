import { createHash } from 'node:crypto'
import type { ISql } from 'postgres'
import { compareVersions, isRepeatable, versionKey, type Migration, type Script } from './migration.ts'

/** A row of `landfall.migration`. */
export interface HistoryRow {
  readonly version: string
  readonly name: string
  readonly state: 'applied' | 'interrupted'
  readonly upChecksum: string
  readonly downSql: string | null
  readonly appliedAt: Date
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
export const checksumOf = (script: Script): string => `sha256:${createHash('sha256').update(script.sql).digest('hex')}`

/** The history of one system, oldest version first; empty when landfall's tables are not there yet. */
export async function readHistory(sql: ISql, system: string): Promise<HistoryRow[]> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('landfall.migration') is not null as exists`
  if (!table?.exists) return []
  const rows = await sql<HistoryRow[]>`
    select version, name, state, up_checksum as "upChecksum", down_sql as "downSql", applied_at as "appliedAt"
    from landfall.migration where system = ${system}`
  return rows.toSorted((a, b) => compareVersions(a.version, b.version))
}

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
    if (row.upChecksum === checksumOf(migration.up)) return { version, name, state: 'applied', appliedAt }
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

/** The row that commits with the migration itself. */
export async function recordApplied(
  sql: ISql,
  system: string,
  { version, name, up, down }: Migration,
  state: HistoryRow['state'],
  toolVersion: string,
): Promise<void> {
  await sql`
    insert into landfall.migration (system, version, name, state, up_checksum, down_checksum, down_sql, transaction, tool_version)
    values (${system}, ${versionKey(version)}, ${name}, ${state}, ${checksumOf(up)}, ${down && checksumOf(down)}, ${down && down.sql}, ${up.transaction}, ${toolVersion})
    on conflict (system, version) do update set
      name = excluded.name, state = excluded.state, applied_at = now(), transaction = excluded.transaction,
      up_checksum = excluded.up_checksum, down_checksum = excluded.down_checksum, down_sql = excluded.down_sql,
      tool_version = excluded.tool_version`
}

export async function recordReverted(sql: ISql, system: string, version: string): Promise<void> {
  await sql`delete from landfall.migration where system = ${system} and version = ${versionKey(version)}`
}
