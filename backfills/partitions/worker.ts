import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { LandfallError } from '../../migrations/error.ts'
import { tooManyRejects } from '../carry.ts'
import { connect } from '../database.ts'
import { recordFingerprints } from '../fingerprint.ts'
import { changeState, findRun, requireRun, type StoredRun } from '../ledger.ts'
import { isBeyond } from '../reject-limit.ts'
import { rollbackRun } from '../rollback.ts'
import { asFailure, sameSource, type RunOptions } from '../run.ts'
import { moveSequences } from '../sequences.ts'
import { readTargets } from '../target.ts'
import { openPartitions, takenPartitions } from './partition.ts'
import { PartitionQueue, type Delivery } from './queue.ts'
import { partitionLock, workPartition, type PartitionOutcome } from './work-partition.ts'

export interface WorkerOptions {
  /** The jobs that it works on; all on one database. */
  readonly jobs: readonly RunOptions[]
  /** Ends when no run of these jobs is left to work on; otherwise it waits for the next. */
  readonly untilDone: boolean
  /** It gives back what it has behind the batch at hand. */
  readonly signal?: AbortSignal
  readonly say?: (line: string) => void
  /** Milliseconds between two looks at the ledger when there is nothing to do. */
  readonly interval?: number
}

const INTERVAL_MS = 500
/** Others give back their locks when they see that the run has failed. */
const [ROLLBACK_TRIES, ROLLBACK_PAUSE_MS] = [20, 250]

/**
 * Works on partitions that are ordered over the queue, until it is told to stop; answers what kept it from going on, or
 * null. The ledger is the truth: what is open there is ordered, whatever the queue has lost, and orders of dead workers
 * are taken back as soon as their locks are free.
 */
export async function work(options: WorkerOptions): Promise<LandfallError | null> {
  const { jobs, untilDone, signal = new AbortController().signal, say = () => {}, interval = INTERVAL_MS } = options
  const [first] = jobs
  if (first === undefined) return null
  await using sql = connect(first)
  await using queue = await PartitionQueue.open(first, say)
  const known = new Set<string>() // runs whose source is the one that this machine has
  while (!signal.aborted) {
    let [running, worked] = [0, 0]
    for (const job of jobs) {
      if (signal.aborted) break
      const stored = await findRun(sql, { system: job.system, name: job.job.name })
      if (stored === null || stored.partitions === 0 || stored.run.state !== 'running') continue
      running += 1
      const delivery = await nextOrder(sql, queue, stored)
      if (delivery === null) {
        await settle(sql, stored, job)
        continue
      }
      worked += 1
      try {
        if (!known.has(stored.run.id)) await sameSource(stored, job)
        known.add(stored.run.id)
        using _ = queue.alive(delivery)
        const outcome = await workPartition({ ...job, signal }, delivery.run, delivery.partition)
        say(`${stored.run.name}: partition ${delivery.partition} ${outcome.became}`)
        await answer(sql, queue, stored, job, delivery, outcome)
        if (outcome.error !== null && outcome.error.code !== 'backfills/interrupted') return outcome.error
        if (outcome.became === 'done') await settle(sql, stored, job)
      } catch (error) {
        const failure = asFailure(error, stored.run.name)
        await queue.giveBack(delivery, failure.message).catch(() => {})
        return failure
      }
    }
    if (running === 0 && untilDone) return null
    if (worked === 0) await sleep(interval, undefined, { signal }).catch(() => {})
  }
  return null
}

const queueOf = ({ run: { system, name } }: StoredRun): string => `${system}/${name}`

/** Orders whatever is open, and takes an order. */
async function nextOrder(sql: Sql, queue: PartitionQueue, stored: StoredRun): Promise<Delivery | null> {
  const { id: run } = stored.run
  const open = await openPartitions(sql, run)
  if (open.length === 0) return null
  for (const partition of open) await queue.order(queueOf(stored), { run, partition })
  const delivery = await queue.take(queueOf(stored))
  if (delivery !== null) return delivery
  for (const partition of await takenPartitions(sql, run)) {
    const [lock] = await sql`
      select pg_try_advisory_xact_lock(hashtextextended(${partitionLock(run, partition)}, 0)) as free`
    if (lock?.['free'] === true) await queue.takeBack(queueOf(stored), { run, partition })
  }
  return null
}

async function answer(
  sql: Sql,
  queue: PartitionQueue,
  { run, limits }: StoredRun,
  options: RunOptions,
  delivery: Delivery,
  { became, error }: PartitionOutcome,
): Promise<void> {
  if (became === 'done' || became === 'over') return queue.done(delivery)
  await queue.giveBack(delivery, error?.message ?? became)
  if (error === null || (error.code !== 'backfills/reject-limit' && error.code !== 'backfills/database')) return
  const failed = await changeState(sql, run.id, ['running'], 'failed', error.message)
  if (failed && error.code === 'backfills/reject-limit' && limits.onRejectLimit === 'rollback')
    await undone(run.id, options)
}

/** As soon as the other workers have let go of it. */
async function undone(run: string, options: RunOptions): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      await rollbackRun({ ...options, run, laterWrites: 'refuse' })
      return
    } catch (error) {
      if ((error as LandfallError).code !== 'backfills/already-running' || tries === ROLLBACK_TRIES) throw error
      await sleep(ROLLBACK_PAUSE_MS)
    }
}

/** Ends a run of which every partition is done; whoever comes to it first does, and twice is no harm. */
async function settle(sql: Sql, { run: { id, system } }: StoredRun, options: RunOptions): Promise<void> {
  if ((await openPartitions(sql, id)).length > 0) return
  const { run, limits } = await requireRun(sql, { system, name: id })
  if (run.state !== 'running') return
  if (isBeyond(limits.maxRejects, run, true)) {
    const { message } = tooManyRejects(run, limits.maxRejects)
    if ((await changeState(sql, id, ['running'], 'failed', message)) && limits.onRejectLimit === 'rollback')
      await undone(id, options)
    return
  }
  const targets = await readTargets(sql, options.schema, options.job)
  await moveSequences(sql, id, targets)
  await recordFingerprints(sql, id, targets)
  await sql`
    update landfall.backfill_run set next_seq = (select coalesce(max(seq), 0) + 1 from landfall.backfill_batch where run_id = ${id})
    where id = ${id}`
  await changeState(sql, id, ['running'], 'done')
}
