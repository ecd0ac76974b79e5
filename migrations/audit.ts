import { lateOf } from './runner.ts'
import { checksumOf, statusOf, type HistoryRow } from './history.ts'
import { historyOf } from './home.ts'
import { readInvalidIndexes } from './invalid-index.ts'
import { compareVersions, migrationLabel, type Migration } from './migration.ts'
import { looking } from './session.ts'
import { isSqlite } from './sqlite/url.ts'
import type { Target } from './target.ts'

/** What is wrong between the files and a database, in one sentence each; null stands for no migration in particular. */
export interface Discrepancy {
  readonly migration: Pick<Migration, 'version' | 'name'> | null
  readonly what:
    | 'changed'
    | 'missing'
    | 'interrupted'
    | 'out-of-order'
    | 'down-changed'
    | 'down-damaged'
    | 'invalid-index'
  readonly message: string
}

/** History against files and catalog; writes nothing. Empty when all is well; what is merely pending is well. */
export async function audit(target: Pick<Target, 'url' | 'system' | 'schema' | 'migrations'>): Promise<Discrepancy[]> {
  const history = await historyOf(target)
  // SQLite has none: it builds an index in a transaction, always.
  const indexes = isSqlite(target.url) ? [] : await looking(target.url, target.schema, readInvalidIndexes)
  return [
    ...ofStates(target.migrations, history),
    ...lateOf(target.migrations, history).map(discrepancy('out-of-order', 'is pending, below what is applied')),
    ...history.flatMap((row) => ofDown(target.migrations, row)),
    ...indexes.map(({ name, table }): Discrepancy => ({
      migration: null,
      what: 'invalid-index',
      message: `index ${name} on ${table} is invalid: a build that failed; drop index concurrently ${name}`,
    })),
  ]
}

const discrepancy =
  (what: Discrepancy['what'], text: string) =>
  (migration: Pick<Migration, 'version' | 'name'>): Discrepancy => ({
    migration,
    what,
    message: `${migrationLabel(migration)} ${text}`,
  })

const WRONG = {
  changed: 'is not what was applied: its up script was edited',
  missing: 'is applied, and its file is gone',
} as const

function ofStates(migrations: readonly Migration[], history: readonly HistoryRow[]): Discrepancy[] {
  return statusOf(migrations, history).flatMap((migration) => {
    const { state } = migration
    if (state === 'changed' || state === 'missing') return [discrepancy(state, WRONG[state])(migration)]
    if (state !== 'interrupted') return []
    const { direction, done } = history.find((row) => compareVersions(row.version, migration.version) === 0)!.progress
    return [discrepancy('interrupted', `was interrupted on its way ${direction}, after ${done} statements`)(migration)]
  })
}

function ofDown(migrations: readonly Migration[], row: HistoryRow): Discrepancy[] {
  const kept = row.downSql === null ? null : checksumOf({ sql: row.downSql })
  if (kept !== row.downChecksum)
    return [discrepancy('down-damaged', 'has a down script in the history that is not what was recorded')(row)]
  const file = migrations.find(({ version }) => compareVersions(version, row.version) === 0)
  if (!file || (file.down && checksumOf(file.down)) === row.downChecksum) return []
  return [discrepancy('down-changed', 'has another down script than when it was applied')(row)]
}
