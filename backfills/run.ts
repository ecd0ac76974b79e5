import type { Sql } from 'postgres'
import { installLandfall } from '../migrations/install.ts'
import { LandfallError, messageOf } from '../migrations/error.ts'
import { transaction } from '../migrations/transaction.ts'
import { NOBODY, type Code, type Operator } from './audit.ts'
import { FenceLost } from './batch.ts'
import type { BatchLimits } from './batch-size.ts'
import { carryRecords, wholeOf } from './carry.ts'
import { CopyConnection } from './copy-connection.ts'
import { asEnvironmentError, connect, connectOnce, reaching, type Place } from './database.ts'
import { specHash, type Backfill } from './define.ts'
import {
  changeState,
  findRun,
  listRuns,
  recordWaits,
  requireRun,
  startRun,
  takeOver,
  type StoredRun,
} from './ledger.ts'
import { obtainLock } from './lock.ts'
import { rollbackRun } from './rollback.ts'
import { isUnfinished, type Run, type RunLimits } from './run-state.ts'
import { recordFingerprints } from './fingerprint.ts'
import { moveSequences } from './sequences.ts'
import { addPartitions } from './partitions/partition.ts'
import type { SourcePart } from './sources/source.ts'
import { readTargets, type Target } from './target.ts'
import { DEFAULT_THROTTLE, type ThrottleLimits } from './throttle/signals.ts'
import { Throttle } from './throttle/throttle.ts'
import { Watch } from './watch.ts'

/** A job, where it stands, and where it goes. */
export interface JobPlace extends Place {
  /** The directory of the config file. */
  readonly root: string
  readonly system: string
  readonly job: Backfill
}

export interface RunOptions extends JobPlace {
  /**
   * `resume`: only go on with an unfinished run. `again`: a new run although one is finished. Default `continue`:
   * whichever is needed.
   */
  readonly mode?: 'continue' | 'resume' | 'again'
  /** Default: 0 rejects, stop; a resumed run keeps its own. */
  readonly limits?: RunLimits
  /** Stops after the batch at hand; the run is then paused. */
  readonly signal?: AbortSignal
  /** The batch at hand is cancelled too. */
  readonly urgent?: AbortSignal
  /** After every batch; `share` of the source is read, from 0 to 1, where that is known. */
  readonly onProgress?: (run: Run, share?: number | null) => void
  readonly batch?: BatchLimits
  readonly operator?: Operator
  /** What the job was loaded from. */
  readonly code?: Code
  /** How much pressure on the server is borne; null: any. */
  readonly throttle?: ThrottleLimits | null
}

/** The run as it stands now, and what kept it from its end, if anything did. What it says is committed. */
export interface RunOutcome {
  readonly run: Run
  readonly error: LandfallError | null
}

const DEFAULT_LIMITS: RunLimits = { maxRejects: 0, onRejectLimit: 'stop' }

/**
 * Starts a job, or goes on with its unfinished run. A finished run is left alone.
 * @throws {LandfallError} before anything is written: `usage`, or `environment` (no connection, already running)
 */
export const runBackfill = (options: RunOptions): Promise<RunOutcome> =>
  reaching(async () => {
    await using sql = connect(options)
    await using connection = await CopyConnection.open(options)
    await installLandfall(sql)
    await obtainLock(connection, options.system, options.job.name)
    const targets = await readTargets(sql, options.schema, options.job)
    const stored = await begin(sql, options, targets)
    if (stored === null) return { run: (await requireRun(sql, filterOf(options))).run, error: null }
    const error = await carryOver(sql, connection, stored, targets, options)
    const [now] = await listRuns(sql, { name: stored.run.id }).catch((problem: unknown) => {
      if (error === null) throw problem
      return [stored] // the server is gone: what was known last
    })
    return { run: now!.run, error }
  })

const filterOf = ({ system, job }: JobPlace) => ({ system, name: job.name })

/** The run to go on with, in state running; null when there is nothing to do. */
async function begin(sql: Sql, options: RunOptions, targets: readonly Target[]): Promise<StoredRun | null> {
  const { job, system, mode = 'continue' } = options
  const last = await findRun(sql, filterOf(options))
  if (last !== null && isUnfinished(last.run.state)) {
    if (last.run.state === 'rolling-back') throw halfUndone(job.name)
    if (last.partitions > 0) throw shared(last.run)
    await sameSource(last, options)
    await takeOver(sql, last.run.id, 'running', options.limits ?? null, options.operator)
    return requireRun(sql, { system, name: last.run.id })
  }
  if (mode === 'resume') throw nothingToResume(job.name)
  if (last !== null && mode === 'continue') return null
  return startNew(sql, options, targets)
}

/** Records a new run, and its parts when it has any, at once. */
export async function startNew(
  sql: Sql,
  options: RunOptions,
  targets: readonly Target[],
  parts: readonly SourcePart[] = [],
): Promise<StoredRun> {
  const { job, system } = options
  const source = await job.from.identity(options)
  const run = {
    system,
    name: job.name,
    specHash: specHash(job),
    source,
    limits: options.limits ?? DEFAULT_LIMITS,
    operator: options.operator ?? NOBODY,
    code: options.code ?? null,
    targets: await Promise.all(
      targets.map(async ({ schema, table, key, sql: name }) => {
        const [row] = await sql.unsafe<{ empty: boolean }[]>(`select not exists (select from ${name}) as empty`)
        return { schema, table, key: key.map((column) => column.name), emptyBefore: row!.empty }
      }),
    ),
  }
  const id = await transaction(sql, async (tx) => {
    const started = await startRun(tx, run)
    if (parts.length > 0) await addPartitions(tx, started, parts)
    return started
  })
  return requireRun(sql, { system, name: id })
}

/**
 * Refuses to go on with a source that is not the one that the run began with.
 * @throws {LandfallError} `usage`
 */
export async function sameSource({ run, source }: StoredRun, place: JobPlace): Promise<void> {
  const { job } = place
  const now = await job.from.identity(place)
  if (now.hash === source.hash) return
  throw new LandfallError(
    'usage',
    'backfills/source-changed',
    `${now.label} is not what it was when run ${run.id} of ${run.name} began`,
    {
      next: `restore it, or undo the run first: landfall backfill rollback ${run.name}`,
      fields: { run: run.id, before: source, now },
      ...(job.from.file === null ? {} : { location: { file: job.from.file, line: null, column: null } }),
    },
  )
}

async function carryOver(
  sql: Sql,
  connection: CopyConnection,
  stored: StoredRun,
  targets: readonly Target[],
  options: RunOptions,
): Promise<LandfallError | null> {
  const { id, name } = stored.run
  const [backend] = await connection.query('select pg_backend_pid() as pid')
  const pid = Number(backend!['pid'])
  const { urgent, signal = new AbortController().signal } = options
  const by: Operator = { actor: options.operator?.actor ?? null, why: null }
  await using beside = connectOnce(options)
  await using watch = new Watch(beside, {
    id,
    epoch: stored.epoch,
    pid,
    ...(urgent && { urgent }),
  })
  try {
    const stop = AbortSignal.any([signal, watch.lost])
    const stopped = await throttled(beside, pid, stored, { ...options, signal: stop }, (throttle) =>
      carryRecords(connection, stored, wholeOf(stored), targets, throttle, { ...options, signal: stop }),
    )
    if (watch.lost.aborted) return await fenceLost(sql, stored)
    if (stopped === null) {
      await moveSequences(sql, id, targets)
      await recordFingerprints(sql, id, targets)
      await changeState(sql, id, ['running'], 'done', null, by)
      return null
    }
    await changeState(
      sql,
      id,
      ['running'],
      stopped.code === 'backfills/reject-limit' ? 'failed' : 'paused',
      stopped.message,
      by,
    )
    if (stopped.code !== 'backfills/reject-limit' || stored.limits.onRejectLimit === 'stop') return stopped
    await connection[Symbol.asyncDispose]() // the rollback takes the lock itself
    await rollbackRun({ ...options, run: id, laterWrites: 'refuse', operator: by })
    return new LandfallError('stopped', stopped.code, `${stopped.message}; the run was rolled back`, {
      next: `correct the source, then: landfall backfill run ${name}`,
    })
  } catch (error) {
    if (error instanceof FenceLost || watch.lost.aborted) return await fenceLost(sql, stored)
    const failure = failureOf(error, name)
    await markFailed(options, id, failure?.message ?? messageOf(error), by).catch(() => {}) // then the dead run is resumed as it stands
    if (failure === null) throw error
    return failure
  }
}

/** `sql` has nothing else to do meanwhile: it is what the server is looked at by. */
export async function throttled<T>(
  sql: Sql,
  pid: number,
  { run, epoch }: StoredRun,
  { throttle: limits = DEFAULT_THROTTLE, signal, onProgress }: RunOptions,
  work: (throttle: Throttle | null) => Promise<T>,
): Promise<T> {
  if (limits === null) return work(null)
  await using throttle = new Throttle(sql, {
    limits,
    pid,
    ...(signal === undefined ? {} : { signal }),
    async record(reason, waits) {
      if (!(await recordWaits(sql, { id: run.id, epoch }, reason, waits))) throw new FenceLost()
      if (reason !== null) onProgress?.((await requireRun(sql, { system: run.system, name: run.id })).run)
    },
  })
  return await work(throttle)
}

/** Over a connection of its own: the one at hand may be what failed. */
async function markFailed(place: Place, id: string, reason: string, by: Operator): Promise<void> {
  await using sql = connect(place)
  await changeState(sql, id, ['running'], 'failed', reason, by)
}

async function fenceLost(sql: Sql, stored: StoredRun): Promise<LandfallError> {
  const { run, epoch } = await requireRun(sql, { system: stored.run.system, name: stored.run.id })
  return epoch === stored.epoch
    ? new LandfallError(
        'stopped',
        `backfills/${run.state}`,
        `backfill ${run.name} was ${run.state} at record ${run.read}`,
        {
          next: `landfall backfill resume ${run.name}`,
        },
      )
    : new LandfallError('environment', 'backfills/taken-over', `another process went on with backfill ${run.name}`, {
        next: `landfall backfill status ${run.name}`,
      })
}

const shared = ({ id, name }: Run): LandfallError =>
  new LandfallError('usage', 'backfills/partitioned', `run ${id} of ${name} is shared by several workers`, {
    next: `landfall backfill resume ${name}`,
  })

export const nothingToResume = (name: string): LandfallError =>
  new LandfallError('usage', 'backfills/nothing-to-resume', `backfill ${name} has no unfinished run`, {
    next: `landfall backfill run ${name}`,
  })

export const halfUndone = (name: string): LandfallError =>
  new LandfallError('usage', 'backfills/half-undone', `a rollback of backfill ${name} is not finished`, {
    next: `landfall backfill rollback ${name}`,
  })

/** Whatever went wrong, as an error that says what to do; a bug stays what it is, and is thrown. */
export function asFailure(error: unknown, name: string): LandfallError {
  const failure = failureOf(error, name)
  if (failure === null) throw error
  return failure
}

/** Null for a bug. */
function failureOf(error: unknown, name: string): LandfallError | null {
  const known = asEnvironmentError(error)
  if (known instanceof LandfallError) return known
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return null
  return new LandfallError(
    'environment',
    'backfills/database',
    `backfill ${name} stopped: ${messageOf(error)} (${code})`,
    {
      next: `mend the cause, then: landfall backfill resume ${name}`,
      cause: error,
      fields: { code },
    },
  )
}
