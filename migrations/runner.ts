import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ISql, Sql } from 'postgres'
import { LandfallError, messageOf } from './error.ts'
import {
  checkDeferred,
  executeStatements,
  failureOf,
  namingLostConnection,
  resetSession,
  runsInTransaction,
  type ScriptFailure,
} from './execute.ts'
import {
  readHistory,
  recordApplied,
  recordReverted,
  statusOf,
  type HistoryRow,
  type MigrationStatus,
} from './history.ts'
import { readMigrations } from './layouts/read.ts'
import { compareVersions, isRepeatable, migrationLabel, versionKey, type Migration, type Script } from './migration.ts'
import { connect } from './server/databases.ts'
import { redact } from './server/redact.ts'
import { migrationsSettings } from './settings.ts'
import { toolVersion } from './version.ts'

/** A database to migrate for real. */
export interface Target {
  readonly url: string
  readonly system: string
  readonly schema: string
  readonly migrations: readonly Migration[]
  /** How long to wait for another runner, in milliseconds. */
  readonly lockWaitMs: number
  /** Cancels the statement that runs; what is committed stays. The abort's reason is thrown. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunnerEvent) => void
}

export interface RunnerEvent {
  readonly direction: 'up' | 'down'
  readonly version: string
  readonly name: string
  readonly durationMs: number
}

/** What a run did; with the failure that ended it, if one did. What is listed as done is committed. */
export interface RunnerOutcome {
  readonly done: readonly RunnerEvent[]
  readonly failed: { readonly migration: Pick<Migration, 'version' | 'name'>; readonly failure: ScriptFailure } | null
}

/** Applies pending migrations in order, up to and including version `to` when given. */
export const migrateUp = (target: Target, to: string | null = null): Promise<RunnerOutcome> =>
  locked(target, async (sql) => {
    await installLandfall(sql)
    if (target.schema !== 'public') await sql`create schema if not exists ${sql(target.schema)}`
    const pending = pendingOf(target, await readHistory(sql, target.system), to)
    return each(target, 'up', pending, (migration) => applyUp(sql, target.system, migration))
  })

/** Reverts the newest `count` migrations, or all above version `to`. The script kept in the history serves when its file is gone. */
export const migrateDown = (target: Target, until: { count: number } | { to: string }): Promise<RunnerOutcome> =>
  locked(target, async (sql) => {
    // What is repeated has no way back, and is in nobody's way.
    const newestFirst = (await readHistory(sql, target.system)).filter((row) => !isRepeatable(row)).toReversed()
    const rows =
      'count' in until
        ? newestFirst.slice(0, until.count)
        : newestFirst.filter(({ version }) => compareVersions(version, until.to) > 0)
    const doomed = rows.map((row) => ({ ...row, down: downOf(target, row) }))
    return each(target, 'down', doomed, ({ version, down }) => applyDown(sql, target.system, version, down))
  })

/** Files against history; writes nothing. */
export async function migrateStatus(target: Pick<Target, 'url' | 'system' | 'migrations'>): Promise<MigrationStatus[]> {
  return withConnection(target.url, 'public', async (sql) =>
    statusOf(target.migrations, await readHistory(sql, target.system)),
  )
}

/** landfall's own tables, by landfall's own migrations; does nothing when they are up to date. */
export async function installLandfall(sql: Sql): Promise<void> {
  const migrations = await landfallMigrations()
  if ((await readHistory(sql, 'landfall')).length === migrations.length) return
  // Runners of different systems meet here, on one database.
  await sql`select pg_advisory_lock(hashtextextended('landfall install', 0))`
  try {
    await installMissing(sql, migrations)
  } finally {
    await sql`select pg_advisory_unlock(hashtextextended('landfall install', 0))`
  }
}

async function installMissing(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  const done = new Set((await readHistory(sql, 'landfall')).map(({ version }) => versionKey(version)))
  for (const migration of migrations) {
    if (done.has(versionKey(migration.version))) continue
    const failure = await applyUp(sql, 'landfall', migration)
    if (failure) {
      throw new LandfallError(
        'environment',
        'migrations/install-fails',
        `landfall's own tables cannot be made: ${failure.message}`,
        {
          next: 'give the user of the connection the right to create a schema in this database',
        },
      )
    }
  }
}

export async function landfallMigrations(): Promise<readonly Migration[]> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  return (await readMigrations(root, migrationsSettings.parse('landfall'))).migrations
}

function pendingOf({ migrations, system }: Target, history: readonly HistoryRow[], to: string | null): Migration[] {
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
  const states = new Map(status.map(({ version, state }) => [version, state]))
  const pending = migrations.filter(({ version }) => states.get(version) !== 'applied')
  if (to !== null && !migrations.some(({ version }) => compareVersions(version, to) === 0)) {
    throw new LandfallError('usage', 'migrations/unknown-version', `${system} has no migration of version ${to}`, {
      next: 'landfall migrate status lists the versions',
    })
  }
  return pending.filter(({ version }) => to === null || compareVersions(version, to) <= 0)
}

const sameVersion = (a: string, b: string): boolean => versionKey(a) === versionKey(b)

function downOf({ migrations, system }: Target, row: HistoryRow): Script {
  const file = migrations.find(({ version }) => compareVersions(version, row.version) === 0)?.down
  if (file) return file
  if (row.downSql !== null)
    return { file: `landfall.migration ${system} ${row.version}`, sql: row.downSql, transaction: true, firstLine: 1 }
  throw new LandfallError('findings', 'migrations/no-down', `${migrationLabel(row)} of ${system} has no down script`, {
    next: 'write one, or undo the migration by a new one',
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

const applyUp = (sql: Sql, system: string, migration: Migration): Promise<ScriptFailure | null> =>
  outcome(sql, async () => {
    if (await runsInTransaction(migration.up)) {
      await sql.begin(async (tx) => {
        await run(tx, migration.up)
        await recordApplied(tx, system, migration, 'applied', toolVersion)
      })
    } else {
      await recordApplied(sql, system, migration, 'interrupted', toolVersion)
      await executeStatements(sql, migration.up)
      await recordApplied(sql, system, migration, 'applied', toolVersion)
    }
  })

const applyDown = (sql: Sql, system: string, version: string, down: Script): Promise<ScriptFailure | null> =>
  outcome(sql, async () => {
    if (await runsInTransaction(down)) {
      await sql.begin(async (tx) => {
        await recordReverted(tx, system, version) // before the script: landfall's own first down drops the table
        await run(tx, down)
      })
    } else {
      await executeStatements(sql, down)
      await recordReverted(sql, system, version)
    }
  })

async function run(tx: ISql, script: Script): Promise<void> {
  await executeStatements(tx, script)
  await checkDeferred(tx, script)
  await tx.unsafe('reset role; reset all')
}

async function outcome(sql: Sql, work: () => Promise<unknown>): Promise<ScriptFailure | null> {
  try {
    await work()
    await resetSession(sql)
    return null
  } catch (error) {
    return failureOf(error)
  }
}

/** One runner per database and system at a time: a try-lock, polled without an open transaction, so that nobody waits for us. */
async function locked<T>(target: Target, work: (sql: Sql) => Promise<T>): Promise<T> {
  return withConnection(target.url, target.schema, async (sql) => {
    using _ = await cancelling(target, sql)
    const key = `landfall migrate ${target.system}`
    for (const start = Date.now(); ; await sleep(100)) {
      target.signal?.throwIfAborted()
      const [row] = await sql<{ held: boolean }[]>`select pg_try_advisory_lock(hashtextextended(${key}, 0)) as held`
      if (row?.held) break
      if (Date.now() - start >= target.lockWaitMs) {
        throw new LandfallError(
          'environment',
          'migrations/locked',
          `another runner migrates ${target.system} on ${redact(target.url)}`,
          {
            next: 'wait for it, or give more time with --lock-wait SECONDS',
          },
        )
      }
    }
    return await work(sql) // not before it is done: `cancelling` ends with this block
  })
}

async function withConnection<T>(url: string, schema: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { schema })
  try {
    await sql`select 1`.catch((cause: unknown) => {
      throw new LandfallError(
        'environment',
        'database/unreachable',
        `cannot connect to ${redact(url)}: ${messageOf(cause)}`,
        {
          next: 'check DATABASE_URL or --database-url, and that the server runs',
        },
      )
    })
    return await work(sql)
  } catch (error) {
    throw namingLostConnection(error)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** While it is in use, an abort cancels the statement that runs on `sql`: PostgreSQL itself does not see that its client left. */
async function cancelling({ url, signal }: Target, sql: Sql): Promise<Disposable> {
  const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  const cancel = (): void => {
    const other = connect(url)
    other`select pg_cancel_backend(${session!.pid})`.catch(() => {}).finally(() => void other.end({ timeout: 1 }))
  }
  signal?.addEventListener('abort', cancel)
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', cancel) }
}
