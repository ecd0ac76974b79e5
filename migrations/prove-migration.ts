import type { ISql, Sql } from 'postgres'
import type { CatalogObject } from './catalog/catalog.ts'
import { compareCatalogs, verdictOf, type CatalogDifference, type Verdict } from './catalog/compare.ts'
import { readCatalog, readRoles, readState } from './catalog/read.ts'
import { READING } from './catalog/changes.ts'
import { identical, type CatalogState } from './catalog/state.ts'
import { isConnectionError } from './connection-error.ts'
import {
  checkDeferred,
  executeScript,
  executeStatements,
  resetSession,
  canRunInTransaction,
  type ScriptFailure,
} from './execute.ts'
import { stateOf, trialOf, watchOf, type Linear } from './linear.ts'
import type { Migration, Script } from './migration.ts'
import { mayLeaveSession, sessionState } from './session-state.ts'
import { onlyIndexes } from './only-indexes.ts'
import { transaction } from './transaction.ts'

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
  /** What the up leaves changed in its session: settings, a role, temporary tables. */
  readonly sessionLeaks: readonly string[]
  /** Indexes that the up leaves invalid, also when it failed: what an interrupted CREATE INDEX CONCURRENTLY leaves. */
  readonly invalidIndexes: readonly string[]
  /** Null when nothing was established. */
  readonly reversible: boolean | null
  readonly difference: Verdict | null
  /** The catalogs around the up; equal references for equal states, null when they were not read. */
  readonly before: readonly CatalogObject[]
  readonly after: readonly CatalogObject[] | null
}

interface RoundTrip {
  readonly before: readonly CatalogObject[]
  readonly sessionLeaks: readonly string[]
  readonly upMs: number
  readonly downMs: number | null
  readonly after: readonly CatalogObject[]
  readonly downFailure: ScriptFailure | null
  readonly downDifferences: readonly CatalogDifference[]
  readonly againFailure: ScriptFailure | null
  readonly againDifferences: readonly CatalogDifference[]
}

/**
 * Proves one migration and leaves the linear database in the state after its up. A transaction may conclude
 * *identical*: the round trip runs under a savepoint and only the first up is kept. So may a round trip in the open, of
 * scripts that do nothing but make and drop indexes. Whatever else these say is established again on a clone, since a
 * transaction itself makes some scripts fail.
 */
export async function proveMigration(linear: Linear, migration: Migration): Promise<MigrationProof> {
  const { up, down } = migration
  const before = (await stateOf(linear)).objects
  const inside = (await canRunInTransaction(up)) && (down === null || (await canRunInTransaction(down)))
  const kept = inside
    ? await tryInTransaction(linear, migration)
    : (await isOfIndexes(migration))
      ? await tryInTheOpen(linear, migration)
      : null
  if (kept) return toProof(migration, before, kept)
  const trip = await tryOnClone(linear, migration, before)
  if ('upFailure' in trip) return failedUp(migration, before, trip.upFailure, trip.left)
  const again = await executeScript(linear.sql, up)
  linear.state = null
  const after = (await stateOf(linear)).objects
  return again ? failedUp(migration, before, again, after) : toProof(migration, before, { ...trip, after })
}

/** Never reached, because an earlier up failed. */
export const skippedProof = (migration: Migration): MigrationProof => ({
  ...failedUp(migration, [], null),
  state: 'skipped',
})

/** The round trip in one transaction; null when it did not come out identical, with everything rolled back. */
async function tryInTransaction(linear: Linear, { up, down }: Migration): Promise<RoundTrip | null> {
  const [{ sql }, before, watch] = [linear, await stateOf(linear), await watchOf(linear)]
  const leaves = await mayLeaveSession(up)
  try {
    const { after, ...trip } = await transaction(sql, async (tx) => {
      const mark = await watch.mark(tx)
      // What is read is asked for at once with the script, and found behind it.
      const runAndRead = async (script: Script, then: string): Promise<[number, CatalogState]> =>
        await Promise.all([timed(() => runWhole(tx, script, then)), watch.read(tx, mark, before)])
      // Under a savepoint, so that what the first up did to its session stays.
      const [upMs, state] = await runAndRead(up, `savepoint looked; ${READING}`)
      let downMs: number | null = null
      if (down !== null) {
        const [ms, back] = await runAndRead(down, READING)
        downMs = ms
        if (!identical(before.objects, back.objects)) throw new NotIdentical()
        // On the same catalog, what only defines makes the same again.
        if (!leaves) await runWhole(tx, up, READING)
        else if (!identical(state.objects, (await runAndRead(up, READING))[1].objects)) throw new NotIdentical()
      }
      await tx.unsafe('rollback to savepoint looked')
      return { upMs, downMs, after: state }
    })
    linear.state = after
    const sessionLeaks = leaves ? await sessionState(sql) : []
    return { ...trip, ...NOTHING_WRONG, before: before.objects, after: after.objects, sessionLeaks }
  } catch (error) {
    if (error instanceof NotIdentical || isDatabaseError(error)) return null
    throw error
  } finally {
    if (leaves) await resetSession(sql).catch(() => {})
  }
}

class NotIdentical extends Error {}

async function isOfIndexes({ up, down }: Migration): Promise<boolean> {
  return down !== null && (await onlyIndexes(up)) && (await onlyIndexes(down))
}

/** The round trip on the linear database, committed; null when it did not come out identical, with the database made again. */
async function tryInTheOpen(linear: Linear, { up, down }: Migration): Promise<RoundTrip | null> {
  const [{ sql }, before] = [linear, await stateOf(linear)]
  const read = (): Promise<CatalogState> => transaction(sql, (tx) => readState(tx))
  const [upMs, upFailure] = await timedOutcome(() => executeScript(sql, up))
  const state = upFailure ? null : await read()
  const [downMs, downFailure] = state ? await timedOutcome(() => executeScript(sql, down!)) : [null, upFailure]
  const back = downFailure ? null : await read()
  if (!state || !back || !identical(before.objects, back.objects) || (await executeScript(sql, up))) {
    await linear.renew()
    return null
  }
  linear.state = state
  return { ...NOTHING_WRONG, before: before.objects, after: state.objects, sessionLeaks: [], upMs, downMs }
}

/** All at once, since where it fails does not matter here; deferred constraints speak at the end of a transaction. */
const runWhole = (tx: ISql, { sql }: Script, then: string): Promise<unknown> =>
  tx.unsafe(`reset all; ${sql}\n; set constraints all immediate; ${then}`)

const RESET = 'reset role; reset all'

/** A script within a transaction of the caller's, and the session settings as they were. */
export async function runAndReset(tx: ISql, script: Script): Promise<void> {
  await runInside(tx, script)
  await tx.unsafe(RESET)
}

async function runInside(tx: ISql, script: Script): Promise<void> {
  await executeStatements(tx, script)
  await checkDeferred(tx, script)
}

// What is said about the database itself is not copied with it.
const OF_THE_DATABASE: ReadonlySet<string> = new Set(['database', 'database setting', 'role setting'])
const saysSomething = (objects: readonly CatalogObject[]): boolean =>
  objects.some(({ kind }) => OF_THE_DATABASE.has(kind))

/** The same on a copy of the linear database, each script as a deploy runs it. */
async function tryOnClone(
  linear: Linear,
  migration: Migration,
  before: readonly CatalogObject[],
): Promise<RoundTrip | { upFailure: ScriptFailure; left: readonly CatalogObject[] }> {
  const trial = await trialOf(linear, migration)
  const { sql } = trial
  try {
    const { up, down } = migration
    const start = saysSomething(before) ? (await readCatalog(sql)).objects : before
    let sessionLeaks: readonly string[] = []
    const [upMs, upFailure] = await timedOutcome(() =>
      executeScript(sql, up, async () => void (sessionLeaks = await sessionState(sql))),
    )
    if (upFailure) return { upFailure, left: (await readCatalog(sql)).objects }
    const after = (await readCatalog(sql)).objects
    const there = { before, sessionLeaks, upMs, after }
    if (down === null) return { ...there, downMs: null, ...NOTHING_WRONG }
    const [downMs, downFailure] = await timedOutcome(() => executeScript(sql, down))
    if (downFailure) return { ...there, downMs, ...NOTHING_WRONG, downFailure }
    const downDifferences = compareCatalogs(start, (await readCatalog(sql)).objects)
    const againFailure = await executeScript(sql, up)
    // On the same catalog, what only defines makes the same again.
    const same = againFailure !== null || (downDifferences.length === 0 && !(await mayLeaveSession(up)))
    const againDifferences = same ? [] : compareCatalogs(after, (await readCatalog(sql)).objects)
    return { ...there, downMs, downFailure: null, downDifferences, againFailure, againDifferences }
  } finally {
    await trial[Symbol.asyncDispose]()
    await dropRoles(linear.sql, before)
  }
}

/** Roles outlive the clone: those that the round trip made would be in the way of the migration itself. */
export async function dropRoles(sql: Sql, before: readonly CatalogObject[]): Promise<void> {
  const known = new Set(before.flatMap(({ kind, name }) => (kind === 'role' ? [name] : [])))
  for (const name of await readRoles(sql)) if (!known.has(name)) await sql.unsafe(`drop role ${name}`)
}

/** New since the state before; on a partitioned table an index waits for those of its partitions. */
const invalidIndexes = (before: readonly CatalogObject[], after: readonly CatalogObject[]): string[] => {
  const invalid = (objects: readonly CatalogObject[]): string[] =>
    objects
      .filter(({ kind, definition: d }) => kind === 'index' && d['valid'] === false && d['partitioned'] === false)
      .map(({ name }) => name)
  const old = invalid(before)
  return invalid(after).filter((name) => !old.includes(name))
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
  const { after } = trip
  return {
    migration,
    ...trip,
    invalidIndexes: invalidIndexes(before, after),
    upFailure: null,
    state,
    reversible: tried ? reversible : null,
    difference,
  }
}

const failedUp = (
  migration: Migration,
  before: readonly CatalogObject[],
  upFailure: ScriptFailure | null,
  left: readonly CatalogObject[] = before,
): MigrationProof => ({
  migration,
  before,
  after: null,
  state: 'failed',
  upMs: null,
  downMs: null,
  upFailure,
  sessionLeaks: [],
  invalidIndexes: invalidIndexes(before, left),
  ...NOTHING_WRONG,
  reversible: null,
  difference: null,
})

const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error && error.name === 'PostgresError' && !isConnectionError(error)

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
