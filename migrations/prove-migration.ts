import type { ISql, Sql, TransactionSql } from 'postgres'
import type { CatalogObject } from './catalog/catalog.ts'
import { compareCatalogs, verdictOf, type CatalogDifference, type Verdict } from './catalog/compare.ts'
import { readCatalog, readWithin } from './catalog/read.ts'
import {
  checkDeferred,
  executeScript,
  executeStatements,
  resetSession,
  runsInTransaction,
  ScriptError,
  type ScriptFailure,
} from './execute.ts'
import type { Migration, Script } from './migration.ts'
import type { Database } from './server/databases.ts'

/** What was established about one migration: from the state before it, up, down, up again. */
export interface MigrationProof {
  readonly migration: Migration
  readonly state: 'proven' | 'irreversible' | 'failed' | 'skipped'
  readonly upMs: number | null
  readonly downMs: number | null
  readonly upFailure: ScriptFailure | null
  readonly downFailure: ScriptFailure | null
  /** What the down leaves different from the state before the up. */
  readonly downDifferences: readonly CatalogDifference[]
  /** The second up, after the down. */
  readonly againFailure: ScriptFailure | null
  readonly againDifferences: readonly CatalogDifference[]
  /** Null when nothing was established. */
  readonly reversible: boolean | null
  readonly difference: Verdict | null
  /** The catalogs around the up; equal references for equal states, null when they were not read. */
  readonly before: readonly CatalogObject[]
  readonly after: readonly CatalogObject[] | null
}

interface RoundTrip {
  readonly upMs: number
  readonly downMs: number | null
  readonly after: readonly CatalogObject[]
  readonly downFailure: ScriptFailure | null
  readonly downDifferences: readonly CatalogDifference[]
  readonly againFailure: ScriptFailure | null
  readonly againDifferences: readonly CatalogDifference[]
}

/** The linear database of a proof: every migration up, none down. `connect` is asked again after each clone. */
export interface Linear {
  readonly database: Database
  readonly schema: string
  sql: Sql
}

/**
 * Proves one migration and leaves the linear database in the state after its up. A transaction may conclude
 * *identical*: the round trip runs under a savepoint and only the first up is kept. Whatever else it says is
 * established again on a clone, since a transaction itself makes some scripts fail.
 */
export async function proveMigration(
  linear: Linear,
  migration: Migration,
  before: readonly CatalogObject[],
): Promise<MigrationProof> {
  const { up, down } = migration
  const inside = (await runsInTransaction(up)) && (down === null || (await runsInTransaction(down)))
  const kept = inside ? await tryInTransaction(linear.sql, migration, before) : null
  if (kept) return toProof(migration, before, kept)
  const trip = await tryOnClone(linear, migration, before)
  if ('upFailure' in trip) return failedUp(migration, before, trip.upFailure)
  const again = await executeScript(linear.sql, up)
  return again ? failedUp(migration, before, again) : toProof(migration, before, trip)
}

/** A copy of the linear database as it stands; its connection is another one afterwards. */
export async function cloneOf(linear: Linear): Promise<Database> {
  await linear.sql.end()
  const clone = await linear.database.clone()
  linear.sql = linear.database.connect({ schema: linear.schema })
  return clone
}

/** Never reached, because an earlier up failed. */
export const skippedProof = (migration: Migration): MigrationProof => ({
  ...failedUp(migration, [], null),
  state: 'skipped',
})

/** The round trip in one transaction; null when it did not come out identical, with everything rolled back. */
async function tryInTransaction(
  sql: Sql,
  migration: Migration,
  before: readonly CatalogObject[],
): Promise<RoundTrip | null> {
  const { up, down } = migration
  try {
    return await sql.begin(async (tx) => {
      const upMs = await timed(() => runInside(tx, up))
      const after = await readWithin(tx)
      const downMs = down === null ? null : await roundTripUnderSavepoint(tx, up, down, before, after)
      return { upMs, downMs, after, ...NOTHING_WRONG }
    })
  } catch (error) {
    if (error instanceof NotIdentical || error instanceof ScriptError || isDatabaseError(error)) return null
    throw error
  } finally {
    await resetSession(sql).catch(() => {})
  }
}

class NotIdentical extends Error {}

async function roundTripUnderSavepoint(
  tx: TransactionSql,
  up: Script,
  down: Script,
  before: readonly CatalogObject[],
  after: readonly CatalogObject[],
): Promise<number> {
  let downMs = 0
  const rolledBack = new Error('the round trip is rolled back')
  await tx
    .savepoint(async (sql) => {
      downMs = await timed(() => runInside(sql, down))
      if (compareCatalogs(before, await readWithin(sql)).length > 0) throw new NotIdentical()
      await runInside(sql, up)
      if (compareCatalogs(after, await readWithin(sql)).length > 0) throw new NotIdentical()
      throw rolledBack
    })
    .catch((error: unknown) => {
      if (error !== rolledBack) throw error
    })
  return downMs
}

/** A script within a transaction of the caller's, and the session settings as they were. */
export async function runInside(tx: ISql, script: Script): Promise<void> {
  await executeStatements(tx, script)
  await checkDeferred(tx, script)
  await tx.unsafe('reset role; reset all')
}

/** The same on a copy of the linear database, each script as a deploy runs it. */
async function tryOnClone(
  linear: Linear,
  migration: Migration,
  before: readonly CatalogObject[],
): Promise<RoundTrip | { upFailure: ScriptFailure }> {
  const clone = await cloneOf(linear)
  const sql = clone.connect({ schema: linear.schema })
  try {
    const { up, down } = migration
    const [upMs, upFailure] = await timedOutcome(() => executeScript(sql, up))
    if (upFailure) return { upFailure }
    const after = (await readCatalog(sql)).objects
    if (down === null) return { upMs, downMs: null, after, ...NOTHING_WRONG }
    const [downMs, downFailure] = await timedOutcome(() => executeScript(sql, down))
    if (downFailure) return { upMs, downMs, after, ...NOTHING_WRONG, downFailure }
    const downDifferences = compareCatalogs(before, (await readCatalog(sql)).objects)
    const againFailure = await executeScript(sql, up)
    const againDifferences = againFailure ? [] : compareCatalogs(after, (await readCatalog(sql)).objects)
    return { upMs, downMs, after, downFailure: null, downDifferences, againFailure, againDifferences }
  } finally {
    await sql.end({ timeout: 1 })
    await clone[Symbol.asyncDispose]()
  }
}

const NOTHING_WRONG = { downFailure: null, downDifferences: [], againFailure: null, againDifferences: [] } as const

function toProof(migration: Migration, before: readonly CatalogObject[], trip: RoundTrip): MigrationProof {
  const { downFailure, downDifferences, againFailure, againDifferences } = trip
  const tried = migration.down !== null
  const difference = tried && !downFailure ? verdictOf(downDifferences) : null
  // An up that fails or differs after its down counts as broken too; a cosmetic difference does not.
  const reversible =
    !downFailure && !againFailure && difference !== 'schema' && verdictOf(againDifferences) !== 'schema'
  const state = !tried
    ? migration.irreversible === null
      ? 'skipped'
      : 'irreversible'
    : reversible || migration.irreversible !== null
      ? 'proven'
      : 'failed'
  return { migration, before, ...trip, upFailure: null, state, reversible: tried ? reversible : null, difference }
}

const failedUp = (
  migration: Migration,
  before: readonly CatalogObject[],
  upFailure: ScriptFailure | null,
): MigrationProof => ({
  migration,
  before,
  after: null,
  state: 'failed',
  upMs: null,
  downMs: null,
  upFailure,
  ...NOTHING_WRONG,
  reversible: null,
  difference: null,
})

const isDatabaseError = (error: unknown): boolean => error instanceof Error && error.name === 'PostgresError'

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await run()
  return performance.now() - start
}

async function timedOutcome<T>(run: () => Promise<T>): Promise<[number, T]> {
  const start = performance.now()
  const outcome = await run()
  return [performance.now() - start, outcome]
}
