import { LandfallError } from '../../migrations/error.ts'
import { installLandfall } from '../../migrations/install.ts'
import { interrupted } from '../carry.ts'
import { connect, reaching } from '../database.ts'
import { changeState, findRun, requireRun, takeOver, type StoredRun } from '../ledger.ts'
import {
  halfUndone,
  nothingToResume,
  sameSource,
  runBackfill,
  startNew,
  type RunOptions,
  type RunOutcome,
} from '../run.ts'
import { isUnfinished, type Run } from '../run-state.ts'
import { readTargets } from '../target.ts'
import { partsOf } from './split.ts'
import { work } from './worker.ts'

export interface SharedRunOptions extends RunOptions {
  /** How many parts the source of a new run is cut into; without it a run is one process's alone. */
  readonly partitions?: number
  readonly say?: (line: string) => void
}

/** Runs a job by itself, or with other workers: when it is to have partitions, and when its unfinished run has. */
export const runJob = async (options: SharedRunOptions): Promise<RunOutcome> =>
  options.partitions !== undefined || (await isPartitioned(options)) ? runPartitioned(options) : runBackfill(options)

/** Whether the run that `run` would go on with is shared by workers. */
export const isPartitioned = (place: RunOptions): Promise<boolean> =>
  reaching(async () => {
    await using sql = connect(place)
    const last = await findRun(sql, { system: place.system, name: place.job.name })
    return last !== null && last.partitions > 0 && isUnfinished(last.run.state)
  })

/**
 * Cuts the source of a job into partitions, orders them, and works on them beside any other worker until the run is over;
 * or joins the unfinished run.
 * @throws {LandfallError} before anything is written: `usage`, or `environment`
 */
export const runPartitioned = (options: SharedRunOptions): Promise<RunOutcome> =>
  reaching(async () => {
    await using sql = connect(options)
    await installLandfall(sql)
    const stored = await begin(sql, options)
    const filter = { system: options.system, name: options.job.name }
    if (stored === null) return { run: (await requireRun(sql, filter)).run, error: null }
    const error = await work({
      jobs: [options],
      untilDone: true,
      ...(options.signal && { signal: options.signal }),
      ...(options.say && { say: options.say }),
    })
    const { signal } = options
    const exact = { ...filter, name: stored.run.id }
    let { run } = await requireRun(sql, exact)
    if (signal?.aborted && run.state === 'running') {
      const stopped = interrupted(run, signal)
      await changeState(sql, run.id, ['running'], 'paused', stopped.message)
      run = (await requireRun(sql, exact)).run
      return { run, error: stopped }
    }
    return { run, error: error ?? (run.state === 'done' || run.state === 'verified' ? null : stoppedAs(run)) }
  })

async function begin(sql: Parameters<typeof findRun>[0], options: SharedRunOptions): Promise<StoredRun | null> {
  const { job, system, schema, mode = 'continue' } = options
  const last = await findRun(sql, { system, name: job.name })
  if (last !== null && isUnfinished(last.run.state)) {
    if (last.run.state === 'rolling-back') throw halfUndone(job.name)
    if (last.partitions === 0) throw notShared(last.run)
    await sameSource(last, options)
    if (last.run.state !== 'running')
      await takeOver(sql, last.run.id, 'running', options.limits ?? null, options.operator)
    return last
  }
  if (mode === 'resume') throw nothingToResume(job.name)
  if (last !== null && mode === 'continue') return null
  const targets = await readTargets(sql, schema, job)
  return startNew(sql, options, targets, await partsOf(job, options, options.partitions ?? 1))
}

const notShared = ({ id, name }: Run): LandfallError =>
  new LandfallError('usage', 'backfills/not-partitioned', `run ${id} of ${name} was begun without partitions`, {
    next: `go on with it as it is: landfall backfill resume ${name}`,
  })

const stoppedAs = ({ name, state, reason, read }: Run): LandfallError =>
  new LandfallError(
    'stopped',
    `backfills/${state}`,
    `backfill ${name} is ${state} with ${read} records read${reason === null ? '' : `: ${reason}`}`,
    { next: state === 'rolled-back' ? `landfall backfill run ${name}` : `landfall backfill resume ${name}` },
  )
