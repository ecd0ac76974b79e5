import type { Sql } from 'postgres'
import { LandfallError, messageOf } from '../migrations/error.ts'
import { transaction } from '../migrations/transaction.ts'
import { BatchSize, DEFAULT_BATCH } from './batch-size.ts'
import { connectOnce, reaching, type Place } from './database.ts'
import { changeState, listRuns, recordWaits, requireRun, takeOver, type StoredRun } from './ledger.ts'
import { recordEvent, type Operator } from './audit.ts'
import { finalized } from './finalize.ts'
import { alreadyRunning, lockName } from './lock.ts'
import type { Run } from './run-state.ts'
import { readTarget, type Target } from './target.ts'
import { DEFAULT_THROTTLE, type ThrottleLimits } from './throttle/signals.ts'
import { Throttle } from './throttle/throttle.ts'
import {
  harmfulReferrers,
  laterWritesOf,
  lockRows,
  referencedRows,
  undoRows,
  undoUntouched,
  type JournaledBatch,
  type LaterWrite,
} from './undo.ts'

export interface RollbackOptions extends Place {
  readonly system: string
  /** The name of a job (its latest run that is not rolled back) or the id of a run. */
  readonly run: string
  /**
   * Rows that were changed or referred to later: `refuse` changes nothing at all, `skip` leaves them, `force`
   * undoes them too.
   */
  readonly laterWrites: 'refuse' | 'skip' | 'force'
  readonly operator?: Operator
  /** How much pressure on the server is borne; null: any. It writes as much as the run did. */
  readonly throttle?: ThrottleLimits | null
  /** Why it waits, as long as it does. */
  readonly onWait?: (reason: string | null) => void
  /** Stops behind the batch at hand; the same call goes on with the next. */
  readonly signal?: AbortSignal
  /** Batches undone so far, and all that there are. */
  readonly onUndone?: (undone: number, batches: number) => void
}

/** What a rollback would do. */
export interface RollbackPlan {
  readonly run: Run
  /** Batches that are not undone yet. */
  readonly batches: number
  readonly rows: number
  /** Rows that were deleted since. */
  readonly gone: number
  readonly laterWrites: readonly LaterWrite[]
}

export interface RollbackOutcome {
  readonly run: Run
  /** Rows deleted or set back by this call. */
  readonly undone: number
  /** Rows that were gone already. */
  readonly gone: number
  /** Rows left as they are, for `skip`. */
  readonly kept: readonly LaterWrite[]
}

const NAMED = 10

/** Looks at every row that a run wrote, in a read-only transaction. */
export const planRollback = (options: Omit<RollbackOptions, 'laterWrites'>): Promise<RollbackPlan> =>
  reaching(async () => {
    await using sql = connectOnce(options)
    return await inspect(sql, await requireRun(sql, { system: options.system, name: options.run }))
  })

/**
 * Undoes a run, newest batch first, each batch in a transaction of its own. An interrupted rollback goes on where
 * it was.
 * @throws {LandfallError} `refused` (nothing changed) · `usage` · `environment`
 */
export const rollbackRun = (options: RollbackOptions): Promise<RollbackOutcome> =>
  reaching(async () => {
    await using sql = connectOnce(options)
    const stored = await requireRun(sql, { system: options.system, name: options.run })
    if (stored.run.state === 'rolled-back') return { run: stored.run, undone: 0, gone: 0, kept: [] }
    const [lock] =
      await sql`select pg_try_advisory_lock(hashtextextended(${lockName(stored.run.system, stored.run.name)}, 0)) as ok`
    if (lock?.['ok'] !== true) throw alreadyRunning(stored.run.name)
    const plan = await inspect(sql, stored)
    if (options.laterWrites === 'refuse' && plan.laterWrites.length > 0)
      throw refused(stored.run, plan.laterWrites, 'nothing was changed')
    await takeOver(sql, stored.run.id, 'rolling-back', null, options.operator)
    const taken = await requireRun(sql, { system: stored.run.system, name: stored.run.id })
    const outcome = await throttled(sql, taken, options, (throttle) => undoBatches(sql, taken, options, throttle))
    await changeState(sql, stored.run.id, ['rolling-back'], 'rolled-back')
    await recordEvent(sql, stored.run.id, 'undone', {
      undone: outcome.undone,
      gone: outcome.gone,
      kept: outcome.kept.length,
    })
    const [{ run } = stored] = await listRuns(sql, { name: stored.run.id })
    return { run, ...outcome }
  })

/** The server is looked at beside the rollback, which waits between its batches while there is pressure. */
async function throttled<T>(
  sql: Sql,
  { run, epoch }: StoredRun,
  options: RollbackOptions,
  work: (throttle: Throttle | null) => Promise<T>,
): Promise<T> {
  const { throttle: limits = DEFAULT_THROTTLE, signal, onWait } = options
  if (limits === null) return work(null)
  const [backend] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  await using beside = connectOnce(options)
  await using throttle = new Throttle(beside, {
    limits,
    pid: backend!.pid,
    ...(signal && { signal }),
    async record(reason, waits) {
      if (!(await recordWaits(beside, { id: run.id, epoch }, reason, waits))) throw alreadyRunning(run.name)
      onWait?.(reason)
    },
  })
  return await work(throttle)
}

async function inspect(sql: Sql, stored: StoredRun): Promise<RollbackPlan> {
  if (stored.finalizedAt !== null) throw finalized(stored.run, stored.finalizedAt, 'refused')
  const targets = await targetsOf(sql, stored)
  const look = async (tx: Sql) => {
    const batches = await openBatches(tx, stored, targets)
    const laterWrites: LaterWrite[] = []
    let gone = 0
    for (const batch of batches) {
      const found = await laterWritesOf(tx, batch, stored.targets)
      laterWrites.push(...found.writes)
      gone += found.gone
    }
    return {
      batches: new Set(batches.map(({ seq }) => seq)).size,
      rows: batches.reduce((sum, { n }) => sum + n, 0),
      gone,
      laterWrites,
    }
  }
  const result = await transaction(sql, look, { mode: 'isolation level repeatable read read only' })
  return { run: stored.run, ...result }
}

/** Newest first; within a batch the tables in reverse. */
export async function openBatches(
  sql: Sql,
  { run, targets: order }: StoredRun,
  targets: ReadonlyMap<string, Target>,
): Promise<JournaledBatch[]> {
  const rows = await sql<
    {
      seq: number
      target: string
      op: 'insert' | 'update'
      columns: string[]
      n: number
      xid: string
      first: string | null
      last: string | null
    }[]
  >`
    select seq, target, op, columns, n, xid::text as xid, first_row::text as first, last_row::text as last from landfall.backfill_batch where run_id = ${run.id} and undone_at is null order by seq desc`
  const names = order.map(({ schema, table }) => `${schema}.${table}`)
  const placeOf = ({ target: { schema, table } }: JournaledBatch) => names.indexOf(`${schema}.${table}`)
  return rows
    .map(({ target, first, last, ...rest }) => ({
      ...rest,
      runId: run.id,
      target: targets.get(target)!,
      span: first === null || last === null ? null : ([first, last] as const),
    }))
    .toSorted((a, b) => b.seq - a.seq || placeOf(b) - placeOf(a))
}

async function targetsOf(sql: Sql, { run, targets }: StoredRun): Promise<ReadonlyMap<string, Target>> {
  const found: [string, Target][] = []
  for (const { schema, table, key } of targets) {
    const target = await readTarget(sql, schema, { table, key }, run.name)
    found.push([target.sql, target])
  }
  return new Map(found)
}

/** Somebody came in between: the batch is looked at row by row. */
class Touched extends Error {
  override readonly name = 'Touched'
}

async function undoBatches(
  sql: Sql,
  stored: StoredRun,
  { laterWrites, onUndone, signal }: RollbackOptions,
  throttle: Throttle | null,
): Promise<Omit<RollbackOutcome, 'run'>> {
  const { run, epoch } = stored
  const bySeq = Map.groupBy(await openBatches(sql, stored, await targetsOf(sql, stored)), ({ seq }) => seq)
  let [undone, gone, finished] = [0, 0, 0]
  const kept: LaterWrite[] = []

  /** Undoes a batch: fence, rows and journal at once. */
  const undoing = <T>(seq: number, work: (tx: Sql) => Promise<T>): Promise<T> =>
    transaction(sql, async (tx) => {
      await tx`set constraints all deferred`
      const { count } = await tx`
        update landfall.backfill_run set heartbeat_at = clock_timestamp() where id = ${run.id} and epoch = ${epoch} and state = 'rolling-back'`
      if (count === 0) throw alreadyRunning(run.name)
      const result = await work(tx)
      await tx`update landfall.backfill_batch set undone_at = clock_timestamp() where run_id = ${run.id} and seq = ${seq}`
      return result
    }).catch((error: unknown) => {
      throw String((error as { code?: unknown }).code).startsWith('23') ? inTheWay(run, error) : error
    })

  /** Nobody has touched the rows, and nothing that a delete would harm refers to them: no row is looked up. */
  const atOnce = async (batches: readonly JournaledBatch[], tx: Sql): Promise<number> => {
    for (const batch of batches) {
      const harmful = harmfulReferrers(batch)
      if (harmful.length > 0) {
        await lockRows(tx, batch)
        if ((await referencedRows(tx, batch, stored.targets, harmful)).length > 0) throw new Touched()
      }
      if (!(await undoUntouched(tx, batch))) throw new Touched()
    }
    return batches.reduce((sum, { n }) => sum + n, 0)
  }
  const carefully = async (batches: readonly JournaledBatch[], tx: Sql): Promise<void> => {
    for (const batch of batches) {
      await lockRows(tx, batch)
      const found = await laterWritesOf(tx, batch, stored.targets)
      if (laterWrites === 'refuse' && found.writes.length > 0)
        throw refused(run, found.writes, `they came in meanwhile; ${finished} batches are undone`)
      if (laterWrites === 'skip') kept.push(...found.writes)
      undone += await undoRows(tx, batch, laterWrites === 'skip' ? found.writes.map(({ key }) => key) : [])
      gone += found.gone
    }
  }

  const size = new BatchSize(DEFAULT_BATCH) // batches are undone as they were committed
  let lastMs = 0
  for (const [seq, batches] of bySeq) {
    await throttle?.pass(size, lastMs)
    const begun = performance.now()
    if (signal?.aborted) throw interrupted(run, finished, bySeq.size)
    try {
      undone += await undoing(seq, (tx) => atOnce(batches, tx))
    } catch (error) {
      if (!(error instanceof Touched)) throw error
      await undoing(seq, (tx) => carefully(batches, tx))
    }
    lastMs = performance.now() - begun
    onUndone?.((finished += 1), bySeq.size)
  }
  return { undone, gone, kept }
}

const interrupted = ({ name }: Run, done: number, all: number): LandfallError =>
  new LandfallError(
    'stopped',
    'backfills/interrupted',
    `the rollback of ${name} was interrupted: ${done} of ${all} batches are undone`,
    { next: `landfall backfill rollback ${name}` },
  )

const inTheWay = ({ name }: Run, error: unknown): LandfallError =>
  new LandfallError('refused', 'backfills/in-the-way', `the rollback of ${name} stopped: ${messageOf(error)}`, {
    next: `remove what refers to the rows, then: landfall backfill rollback ${name}`,
    cause: error,
  })

function refused({ name }: Run, writes: readonly LaterWrite[], aside: string): LandfallError {
  const named = writes.slice(0, NAMED).map(({ table, key, detail }) => `${table} ${key.join(', ')} ${detail}`)
  const more = writes.length > NAMED ? `; and ${writes.length - NAMED} more` : ''
  const count = `${writes.length} ${writes.length === 1 ? 'row' : 'rows'}`
  return new LandfallError(
    'refused',
    'backfills/later-writes',
    `a rollback of ${name} would lose later writes to ${count} (${aside}): ${named.join('; ')}${more}`,
    {
      next: 'keep those rows with --later-writes skip, or undo them too with --later-writes force',
      fields: { count: writes.length, laterWrites: writes.slice(0, NAMED) },
    },
  )
}
