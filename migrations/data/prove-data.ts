import type { ISql, Sql } from 'postgres'
import { isConnectionError } from '../connection-error.ts'
import { executeScript, resetSession, runsInTransaction, ScriptError, type ScriptFailure } from '../execute.ts'
import type { Migration, Script } from '../migration.ts'
import { withReferences } from './coming-references.ts'
import { trialOf, type Linear } from '../linear.ts'
import { runAndReset, type MigrationProof } from '../prove-migration.ts'
import { fillTables, type FixtureRows, type Unfilled } from './generate.ts'
import { lossesBetween, type DataLoss, type SelfWritten } from './losses.ts'
import type { Style } from './plan.ts'
import { reachedTables, withReferenced } from './scope.ts'
import { selfWrittenColumns } from './self-written.ts'
import { takeSnapshot } from './snapshot.ts'
import { readTables } from './tables.ts'
import { transaction } from '../transaction.ts'

/** What was established about one migration with rows in the tables that it reaches. */
export interface DataProof {
  readonly migration: Migration
  /** Whether up and down leave every row as it was; null when that was not established. */
  readonly preserved: boolean | null
  readonly losses: readonly DataLoss[]
  /** The up, which runs on empty tables, stops on rows that the constraints before it allow. */
  readonly upFailure: ScriptFailure | null
  /** True when it stops on any row, false when it depends on what the rows hold: duplicates, nulls, long texts. */
  readonly failsOnAnyRow: boolean
  /** The down, which runs on empty tables, stops on rows. */
  readonly downFailure: ScriptFailure | null
  /** Tables that the migration reaches and that no row could be made for. */
  readonly unfilled: readonly Unfilled[]
  readonly durationMs: number
}

type Attempt = Pick<DataProof, 'losses' | 'upFailure' | 'downFailure' | 'unfilled'>

const CLEAN: Attempt = { losses: [], upFailure: null, downFailure: null, unfilled: [] }

/**
 * Tries a migration, whose proof on empty tables is `proof`, with rows; `linear` is in the state before it, empty, and
 * stays so. A transaction may conclude that all is well; anything else is established again on a clone.
 */
export async function proveData(
  linear: Linear,
  proof: MigrationProof,
  fixtures: FixtureRows | null,
): Promise<DataProof> {
  const begun = performance.now()
  const { migration } = proof
  const down = migration.irreversible === null && proof.downFailure === null ? migration.down : null
  const toProof = (attempt: Attempt, upFailure: ScriptFailure | null = null): DataProof => {
    const { losses, downFailure, unfilled } = attempt
    const lost = losses.length > 0 || downFailure !== null
    const unknown = down === null || attempt.upFailure !== null || unfilled.length > 0
    return {
      ...attempt,
      migration,
      preserved: lost ? false : unknown ? null : true,
      upFailure: upFailure ?? attempt.upFailure,
      failsOnAnyRow: attempt.upFailure !== null && !DEPENDS_ON_VALUES.test(attempt.upFailure.sqlstate ?? ''),
      durationMs: performance.now() - begun,
    }
  }
  const trip: Trip = { ...linear, proof, down, fixtures, style: 'varied' }
  if (!proof.before.some(({ kind }) => kind === 'table')) return toProof(CLEAN)
  const inside = (await runsInTransaction(migration.up)) && (down === null || (await runsInTransaction(down)))
  const clean = inside ? await tryInTransaction(linear.sql, trip) : null
  if (clean) return toProof(clean)
  const attempt = await tryOnClone(linear, trip)
  if (attempt.upFailure === null) return toProof(attempt)
  return toProof(await tryOnClone(linear, { ...trip, style: 'tidy' }), attempt.upFailure)
}

/** Data exceptions and violated constraints but NOT NULL: another value would have passed. */
const DEPENDS_ON_VALUES = /^(22|23(?!502))/

interface Trip {
  readonly schema: string
  readonly proof: MigrationProof
  /** Null when the way back is not tried. */
  readonly down: Script | null
  readonly fixtures: FixtureRows | null
  readonly style: Style
}

interface Filled {
  readonly reached: ReadonlySet<string>
  readonly filled: ReadonlySet<string>
  readonly unfilled: readonly Unfilled[]
}

async function fill(tx: ISql, { proof, fixtures, style }: Trip): Promise<Filled> {
  const read = await readTables(tx)
  const tables = style === 'tidy' ? withReferences(read, proof.after ?? []) : read
  const reached = await reachedTables(tables, proof.migration, proof.before)
  const filled = withReferenced(reached, tables.tables)
  const unfilled = reached.size === 0 ? [] : await fillTables(tx, tables, { style, fixtures, only: filled })
  return { reached, filled, unfilled: unfilled.filter(({ table }) => reached.has(table)) }
}

/** Null when it did not come out clean. Everything is rolled back. */
async function tryInTransaction(sql: Sql, trip: Trip): Promise<Attempt | null> {
  let clean: Attempt | null = null
  const rolledBack = new Error('rows and round trip are rolled back')
  try {
    await transaction(sql, async (tx) => {
      const { reached, filled, unfilled } = await fill(tx, trip)
      if (reached.size > 0) {
        const before = await takeSnapshot(tx, filled)
        await runAndReset(tx, trip.proof.migration.up)
        if (trip.down) await runAndReset(tx, trip.down)
        if (trip.down && lossesBetween(before, await takeSnapshot(tx, filled)).length > 0) throw rolledBack
      }
      clean = { ...CLEAN, unfilled }
      throw rolledBack
    })
  } catch (error) {
    if (error !== rolledBack && !(error instanceof ScriptError) && !isDatabaseError(error)) throw error
  } finally {
    await resetSession(sql).catch(() => {})
  }
  return clean
}

/** The same with rows that are committed, on a copy, each script as a deploy runs it. */
async function tryOnClone(linear: Linear, trip: Trip): Promise<Attempt> {
  const copy = await trialOf(linear, trip.proof.migration)
  const { sql } = copy
  try {
    const { filled, unfilled } = await transaction(sql, (tx) => fill(tx, trip))
    const snapshot = (): ReturnType<typeof takeSnapshot> => transaction(sql, (tx) => takeSnapshot(tx, filled))
    const before = await snapshot()
    const selfWritten = trip.down === null ? new Map() : await selfWrittenColumns(sql, filled)
    const upFailure = await executeScript(sql, trip.proof.migration.up)
    if (upFailure !== null || trip.down === null) return { ...CLEAN, upFailure, unfilled }
    const selfWrittenAfter = await selfWrittenColumns(sql, filled)
    const downFailure = await executeScript(sql, trip.down)
    if (downFailure !== null) return { ...CLEAN, downFailure, unfilled }
    return {
      ...CLEAN,
      losses: lossesBetween(before, await snapshot(), merged(selfWritten, selfWrittenAfter)),
      unfilled,
    }
  } finally {
    await copy[Symbol.asyncDispose]()
  }
}

const merged = (a: SelfWritten, b: SelfWritten): SelfWritten =>
  new Map(
    [...a.keys(), ...b.keys()].map((table) => [table, new Set([...(a.get(table) ?? []), ...(b.get(table) ?? [])])]),
  )

const isDatabaseError = (error: unknown): boolean =>
  error instanceof Error && error.name === 'PostgresError' && !isConnectionError(error)
