import { LandfallError } from './error.ts'
import type { ScriptFailure } from './execute.ts'
import { statusOf, type HistoryRow, type MigrationStatus } from './history.ts'
import { atHome, historyOf, type Home } from './home.ts'
import { compareVersions, isRepeatable, migrationLabel, versionKey, type Migration, type Script } from './migration.ts'
import type { RunnerEvent, Target } from './target.ts'

export type { RunnerEvent, Target } from './target.ts'

/** What a run did; with the failure that ended it, if one did. What is listed as done is committed. */
export interface RunnerOutcome {
  readonly done: readonly RunnerEvent[]
  readonly failed: { readonly migration: Pick<Migration, 'version' | 'name'>; readonly failure: ScriptFailure } | null
}

/** Which pending migrations are meant: all, those up to a version (with it), or so many. */
export interface UpTo {
  readonly to?: string | null
  readonly count?: number | null
  /** Also those below the newest that is applied; without it they are refused. */
  readonly outOfOrder?: boolean
}

/** Applies pending migrations in order. */
export const migrateUp = (target: Target, upTo: UpTo = {}): Promise<RunnerOutcome> =>
  atHome(target, async (home) => {
    await home.prepare()
    const history = await home.history()
    return up(target, home, pendingOf(target, history, upTo), history)
  })

/** Reverts the newest `count` migrations, or all above version `to`. The script kept in the history serves when its file is gone. */
export const migrateDown = (target: Target, until: { count: number } | { to: string }): Promise<RunnerOutcome> =>
  atHome(target, async (home) => down(target, home, doomedOf(target, await home.history(), until)))

/** Reverts the newest `count` migrations and applies them again, without another runner coming between. */
export const migrateRedo = (target: Target, count: number): Promise<RunnerOutcome> =>
  atHome(target, async (home) => {
    const doomed = doomedOf(target, await home.history(), { count })
    const again = doomed.map((one) => fileOf(target.system, one)).toReversed()
    const reverted = await down(target, home, doomed)
    if (reverted.failed) return reverted
    const applied = await up(target, home, again, [])
    return { done: [...reverted.done, ...applied.done], failed: applied.failed }
  })

/** Files against history; writes nothing. */
export const migrateStatus = async (
  target: Pick<Target, 'url' | 'system' | 'migrations'>,
): Promise<MigrationStatus[]> => statusOf(target.migrations, await historyOf(target))

const up = (
  target: Target,
  home: Home,
  migrations: readonly Migration[],
  history: readonly HistoryRow[],
): Promise<RunnerOutcome> =>
  each(target, 'up', migrations, (migration) => home.applyUp(migration, rowOf(history, migration) ?? null))

const down = (target: Target, home: Home, doomed: readonly Doomed[]): Promise<RunnerOutcome> =>
  each(target, 'down', doomed, ({ row, script }) => home.applyDown(row, script))

/** The pending migrations that are meant, in order. Throws where files and history disagree. */
export function pendingOf(
  { migrations, system }: Pick<Target, 'migrations' | 'system'>,
  history: readonly HistoryRow[],
  { to = null, count = null, outOfOrder = false }: UpTo,
): Migration[] {
  const twice = migrations.find(
    ({ version }, index) => index > 0 && sameVersion(version, migrations[index - 1]!.version),
  )
  if (twice) {
    throw new LandfallError(
      'usage',
      'migrations/duplicate-version',
      `${system} has two migrations of version ${twice.version}; the history knows one migration by its version`,
      { next: 'give one of them a version of its own', location: { file: twice.up.file, line: null, column: null } },
    )
  }
  const status = statusOf(migrations, history)
  const changed = status.find(({ state }) => state === 'changed' || state === 'missing')
  if (changed) {
    throw new LandfallError(
      'findings',
      `migrations/${changed.state}`,
      `${migrationLabel(changed)} of ${system} is ${changed.state === 'changed' ? 'not what was applied' : 'applied, and its file is gone'}`,
      {
        next: 'restore the file and write a new migration; landfall migrate status shows all of them',
      },
    )
  }
  const back = history.find(({ state, progress }) => state === 'interrupted' && progress.direction === 'down')
  if (back) {
    throw new LandfallError(
      'findings',
      'migrations/interrupted-down',
      `${migrationLabel(back)} of ${system} was interrupted on its way down`,
      { next: 'finish it with landfall migrate down; then go up again' },
    )
  }
  const states = new Map(status.map(({ version, state }) => [version, state]))
  const pending = migrations.filter(({ version }) => states.get(version) !== 'applied')
  if (to !== null && !migrations.some(({ version }) => compareVersions(version, to) === 0)) {
    throw new LandfallError('usage', 'migrations/unknown-version', `${system} has no migration of version ${to}`, {
      next: 'landfall migrate status lists the versions',
    })
  }
  const meant = pending
    .filter(({ version }) => to === null || compareVersions(version, to) <= 0)
    .slice(0, count ?? pending.length)
  const late = outOfOrder ? [] : lateOf(meant, history)
  if (late.length > 0) {
    throw new LandfallError(
      'findings',
      'migrations/out-of-order',
      `${late.map(migrationLabel).join(', ')} of ${system} ${late.length === 1 ? 'comes' : 'come'} before ${migrationLabel(newestOf(history)!)}, which is applied`,
      {
        next: 'give it a version above that one; or, when the order does not matter, apply it with --out-of-order',
        location: { file: late[0]!.up.file, line: null, column: null },
      },
    )
  }
  return meant
}

/** Pending migrations below the newest that is applied: other databases ran them in another order. */
export function lateOf(pending: readonly Migration[], history: readonly HistoryRow[]): Migration[] {
  const newest = newestOf(history)
  if (newest === undefined) return []
  return pending.filter(
    (migration) => compareVersions(migration.version, newest.version) < 0 && !rowOf(history, migration),
  )
}

// What is repeated has no place in the order.
const newestOf = (history: readonly HistoryRow[]): HistoryRow | undefined =>
  history.findLast((row) => !isRepeatable(row))

const sameVersion = (a: string, b: string): boolean => versionKey(a) === versionKey(b)

const rowOf = (history: readonly HistoryRow[], { version }: Pick<Migration, 'version'>): HistoryRow | undefined =>
  history.find((row) => sameVersion(row.version, version))

/** A migration that is to be reverted, and the script that does it. */
interface Doomed extends Pick<Migration, 'version' | 'name'> {
  readonly row: HistoryRow
  readonly script: Script
  /** Its file, when there is one. */
  readonly migration: Migration | null
}

/** What goes down, newest first. Throws before anything runs when one of them has no way back. */
export function doomedOf(
  target: Pick<Target, 'migrations' | 'system'>,
  history: readonly HistoryRow[],
  until: { count: number } | { to: string },
): Doomed[] {
  // What is repeated has no way back, and is in nobody's way.
  const newestFirst = history.filter((row) => !isRepeatable(row)).toReversed()
  const rows =
    'count' in until
      ? newestFirst.slice(0, until.count)
      : newestFirst.filter(({ version }) => compareVersions(version, until.to) > 0)
  return rows.map((row) => {
    const migration = target.migrations.find(({ version }) => compareVersions(version, row.version) === 0) ?? null
    return { version: row.version, name: row.name, row, migration, script: downOf(target.system, row, migration) }
  })
}

function downOf(system: string, row: HistoryRow, migration: Migration | null): Script {
  if (migration?.down) return migration.down
  if (row.downSql !== null) {
    const place = `landfall.migration ${system} ${row.version}`
    return { file: place, sql: row.downSql, transaction: row.downTransaction, firstLine: 1 }
  }
  const why = row.irreversible === null ? 'has no down script' : `is irreversible: ${row.irreversible}`
  throw new LandfallError('findings', 'migrations/no-down', `${migrationLabel(row)} of ${system} ${why}`, {
    next: 'write one, or undo the migration by a new one',
  })
}

function fileOf(system: string, { row, migration }: Doomed): Migration {
  if (migration) return migration
  throw new LandfallError('findings', 'migrations/missing', `${migrationLabel(row)} of ${system} has no file to redo`, {
    next: 'restore the file; landfall migrate down needs none',
  })
}

async function each<T extends Pick<Migration, 'version' | 'name'>>(
  target: Target,
  direction: RunnerEvent['direction'],
  items: readonly T[],
  apply: (item: T) => Promise<ScriptFailure | null>,
): Promise<RunnerOutcome> {
  const done: RunnerEvent[] = []
  for (const item of items) {
    target.signal?.throwIfAborted()
    const start = performance.now()
    const failure = await apply(item)
    target.signal?.throwIfAborted()
    if (failure) return { done, failed: { migration: item, failure } }
    const event = { direction, version: item.version, name: item.name, durationMs: performance.now() - start }
    done.push(event)
    target.onEvent?.(event)
  }
  return { done, failed: null }
}
