import type { Sql } from 'postgres'
import { LandfallError } from '../../migrations/error.ts'
import { FenceLost } from '../batch.ts'
import { carryRecords } from '../carry.ts'
import { CopyConnection } from '../copy-connection.ts'
import { connect, connectOnce } from '../database.ts'
import { specHash } from '../define.ts'
import { requireRun, type StoredRun } from '../ledger.ts'
import { lockName } from '../lock.ts'
import { asFailure, throttled, type RunOptions } from '../run.ts'
import type { Run } from '../run-state.ts'
import { readTargets } from '../target.ts'
import { Watch } from '../watch.ts'
import { leavePartition, partitionLedger, takePartition } from './partition.ts'

/**
 * What became of a partition: `done`; `over`, since the run is not running, or somebody else is done with it; `busy`, since
 * another worker is alive on it; `stopped` by the signal, or by `error`.
 */
export interface PartitionOutcome {
  readonly became: 'done' | 'over' | 'busy' | 'stopped'
  readonly error: LandfallError | null
}

/** The name of the advisory lock under which a worker has a partition. */
export const partitionLock = (runId: string, number: number): string => `landfall partition ${runId} ${number}`

/**
 * Carries a partition from where it stands to its end. A second worker on it leaves it alone as long as the first one's
 * session lives, and trips the first one's next batch when it does not.
 */
export async function workPartition(options: RunOptions, runId: string, number: number): Promise<PartitionOutcome> {
  const { job, system, schema, signal = new AbortController().signal, urgent } = options
  await using sql = connect(options)
  const stored = await requireRun(sql, { system, name: runId })
  if (stored.run.state !== 'running') return { became: 'over', error: null }
  if (stored.specHash !== specHash(job)) throw otherJob(stored.run)
  await using connection = await CopyConnection.open(options)
  if (!(await obtained(connection, system, job.name, runId, number))) return { became: 'busy', error: null }
  const targets = await readTargets(sql, schema, job)
  const partition = await takePartition(sql, runId, number)
  if (partition === null) return { became: 'over', error: null }
  const [backend] = await connection.query('select pg_backend_pid() as pid')
  const pid = Number(backend!['pid'])
  await using beside = connectOnce(options)
  await using watch = new Watch(beside, { id: runId, epoch: stored.epoch, pid, ...(urgent && { urgent }) })
  const stop = AbortSignal.any([signal, watch.lost])
  const counted = async (): Promise<Run> => (await requireRun(sql, { system, name: runId })).run
  try {
    const error = await throttled(beside, pid, stored, { ...options, signal: stop }, (throttle) =>
      carryRecords(
        connection,
        stored,
        {
          cursor: partition.cursor,
          last: partition.last,
          ledger: (cursor) => partitionLedger(partition, cursor),
          counted,
        },
        targets,
        throttle,
        { ...options, signal: stop },
      ),
    )
    if (watch.lost.aborted) return await left(sql, stored, partition)
    await leavePartition(sql, partition, error === null ? 'done' : 'waiting')
    return { became: error === null ? 'done' : 'stopped', error }
  } catch (error) {
    if (error instanceof FenceLost || watch.lost.aborted) return await left(sql, stored, partition)
    const failure = asFailure(error, job.name)
    await leavePartition(sql, partition, 'waiting').catch(() => {}) // then whoever takes it next finds it as it stands
    return { became: 'stopped', error: failure }
  }
}

/** The run is not running any more, or another worker has taken the partition. */
async function left(
  sql: Sql,
  { run }: StoredRun,
  partition: Parameters<typeof leavePartition>[1],
): Promise<PartitionOutcome> {
  await leavePartition(sql, partition, 'waiting').catch(() => {})
  const { run: now } = await requireRun(sql, { system: run.system, name: run.id })
  return { became: now.state === 'running' ? 'busy' : 'over', error: null }
}

/** The job's lock is shared by workers: a rollback, or a run by one process alone, has it for itself. */
async function obtained(
  connection: CopyConnection,
  system: string,
  name: string,
  runId: string,
  number: number,
): Promise<boolean> {
  const [lock] = await connection.query(
    `select case when pg_try_advisory_lock_shared(hashtextextended($1, 0)) then pg_try_advisory_lock(hashtextextended($2, 0)) else false end as ok`,
    [lockName(system, name), partitionLock(runId, number)],
  )
  return lock?.['ok'] === 't'
}

const otherJob = ({ id, name }: Run): LandfallError =>
  new LandfallError(
    'usage',
    'backfills/other-job',
    `the job ${name} is not the one that run ${id} began with: its map, key, schema or policy was changed`,
    { next: 'check out on this machine the code that the run was started from', fields: { run: id } },
  )
