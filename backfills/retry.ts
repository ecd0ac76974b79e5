import { installLandfall } from '../migrations/install.ts'
import { LandfallError } from '../migrations/error.ts'
import { NOBODY, recordEvent, type Operator } from './audit.ts'
import { commitBatch, FenceLost, GivenUp, type BatchLedger, type BatchOutcome } from './batch.ts'
import { refreshOf } from './carry.ts'
import { CopyConnection } from './copy-connection.ts'
import { connect, reaching } from './database.ts'
import { finalized } from './finalize.ts'
import { recordFingerprints } from './fingerprint.ts'
import { claim, listRuns, requireRun, type StoredRun } from './ledger.ts'
import { obtainLock } from './lock.ts'
import { recall } from './recall.ts'
import { isReject, RecordReader, type PreparedRecord, type Reject } from './record.ts'
import { knownIds, listRejects, readRejects, type FullReject } from './rejects.ts'
import type { JobPlace } from './run.ts'
import type { Run, RunState, StoredReject } from './run-state.ts'
import { moveSequences } from './sequences.ts'
import { readTargets } from './target.ts'
import { Writer } from './writer.ts'

export interface RetryOptions extends JobPlace {
  /** The id of a run, or the name of the job for its latest one that is not rolled back. */
  readonly run: string
  /** Only these rejects; default: all that are open. */
  readonly ids?: readonly number[] | null
  /** Records as an operator mended them, by the ids of their rejects: JSON of what the schema is given. */
  readonly mended?: ReadonlyMap<number, string>
  readonly operator?: Operator
  /** Stops behind the batch at hand. */
  readonly signal?: AbortSignal
}

export interface RetryOutcome {
  readonly run: Run
  /** Records that were carried over by this call. */
  readonly carried: number
  /** What is still open, with the reason of today. */
  readonly open: readonly StoredReject[]
}

const RETRIED: readonly RunState[] = ['done', 'verified', 'paused', 'failed', 'cancelled']

/**
 * Tries the rejects of a run again: what is accepted now is carried over as a further batch of the run, with its
 * journal, so that the rollback of the run undoes it too. A run that was verified has to be verified again.
 * @throws {LandfallError} `usage` · `refused` (finalized) · `environment`
 */
export const retryRejects = (options: RetryOptions): Promise<RetryOutcome> =>
  reaching(() => retry(options).catch((error: unknown) => Promise.reject(asStopped(error, options.job.name))))

async function retry(options: RetryOptions): Promise<RetryOutcome> {
  const { job, system, schema, ids = null, operator = NOBODY, signal = new AbortController().signal } = options
  await using sql = connect(options)
  await using connection = await CopyConnection.open(options)
  const stored = await requireRun(sql, { system, name: options.run })
  await installLandfall(sql)
  retriable(stored)
  await knownIds(sql, stored.run, ids)
  await obtainLock(connection, system, job.name)
  const targets = await readTargets(sql, schema, job)
  const run = { id: stored.run.id, epoch: await claim(sql, stored.run.id) }
  const reader = new RecordReader(job, targets, { pack: job.onConflict !== 'update' })
  const writer = new Writer(connection, targets, job.onConflict, refreshOf(options, targets))
  let carried = 0
  for await (const portion of readRejects(sql, run.id, { ids })) {
    if (signal.aborted) break
    const rejects = portion.map((reject) => ({ ...reject, mended: options.mended?.get(reject.id) ?? null }))
    const [records, refused] = await readAgain(reader, await recall(options, rejects))
    if (records.length + refused.length === 0) continue
    const [first, last] = [rejects[0]!.position, rejects.at(-1)!.position]
    const outcome = await commitBatch(
      connection,
      writer,
      settlement(run, rejects, operator),
      { records, rejects: refused, tables: reader.takeTables(), first: first.record, behind: null, cursor: last },
      signal,
    )
    carried += outcome.records.length
  }
  if (carried > 0) {
    await moveSequences(sql, run.id, targets)
    await recordFingerprints(sql, run.id, targets)
  }
  const open = await listRejects(sql, run.id)
  await recordEvent(sql, run.id, 'rejects-retried', { carried, open: open.length }, operator)
  const [now] = await listRuns(sql, { name: run.id })
  return { run: now!.run, carried, open }
}

function asStopped(error: unknown, name: string): unknown {
  if (error instanceof GivenUp)
    return new LandfallError('stopped', 'backfills/interrupted', `the retry of rejects of ${name} was interrupted`, {
      next: `landfall backfill rejects retry ${name}`,
    })
  if (error instanceof FenceLost)
    return new LandfallError('environment', 'backfills/taken-over', `another process works on backfill ${name}`, {
      next: `landfall backfill status ${name}`,
    })
  return error
}

function retriable({ run, finalizedAt }: StoredRun): void {
  const { id, name, state } = run
  if (finalizedAt !== null) throw finalized(run, finalizedAt, 'refused')
  if (RETRIED.includes(state)) return
  throw new LandfallError('usage', 'backfills/not-retriable', `run ${id} of ${name} is ${state}`, {
    next: state === 'running' ? `landfall backfill pause ${name}` : `landfall backfill status ${name}`,
  })
}

async function readAgain(
  reader: RecordReader,
  sources: Awaited<ReturnType<typeof recall>>,
): Promise<[PreparedRecord[], Reject[]]> {
  const records: PreparedRecord[] = []
  const refused: Reject[] = []
  for (const source of sources) {
    const record = await reader.read(source)
    if (isReject(record)) refused.push(record)
    else records.push(record)
  }
  return [records, refused]
}

/** What a batch of retried records commits beside its data: what became of their rejects, and the books. */
const settlement = (
  run: { readonly id: string; readonly epoch: number },
  rejects: readonly FullReject[],
  { actor, why }: Operator,
): BatchLedger => ({
  runId: run.id,
  async fence(connection) {
    const [row] = await connection.query(
      `update landfall.backfill_run set heartbeat_at = clock_timestamp(),
         next_seq = 1 + greatest(next_seq, (select max(seq) + 1 from landfall.backfill_batch where run_id = $1))
       where id = $1 and epoch = $2 and state = any($3::text[]) returning next_seq - 1 as seq`, // behind those of all partitions
      [run.id, run.epoch, RETRIED],
    )
    if (row === undefined) throw new FenceLost()
    const open = await connection.query(
      `select 1 from landfall.backfill_reject where id = any($1::bigint[]) and settled is null for update`,
      [rejects.map(({ id }) => id)],
    )
    if (open.length < rejects.length) throw settledMeanwhile()
    return Number(row['seq'])
  },
  async record(connection, _seq, { records, added, rejects: refused }: BatchOutcome) {
    const byRecord = new Map(rejects.map((reject) => [reject.position.record, reject]))
    const accepted = records.map(({ position }) => byRecord.get(position.record)!)
    await connection.query(
      `update landfall.backfill_reject r set settled = 'carried', settled_at = clock_timestamp(),
         settled_by = coalesce($3, session_user), settled_why = $4, mended = c.mended
       from unnest($1::bigint[], $2::text[]) c(id, mended) where r.id = c.id`,
      [accepted.map(({ id }) => id), accepted.map(({ mended }) => mended), actor, why],
    )
    await connection.query(
      `update landfall.backfill_reject r set stage = c.stage, code = c.code, reason = c.reason
       from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) c(id, stage, code, reason) where r.id = c.id`,
      [
        refused.map(({ position }) => byRecord.get(position.record)!.id),
        refused.map(({ stage }) => stage),
        refused.map(({ code }) => code),
        refused.map(({ reason }) => reason),
      ],
    )
    if (accepted.length === 0) return
    await connection.query(
      `update landfall.backfill_run set rejected = rejected - $2::bigint, written = written + $3::bigint, existing = existing + $2::bigint - $3::bigint,
         state = case state when 'verified' then 'done' else state end where id = $1`,
      [run.id, accepted.length, added],
    )
  },
})

const settledMeanwhile = (): LandfallError =>
  new LandfallError('environment', 'backfills/settled-meanwhile', 'somebody settled some of these rejects meanwhile', {
    next: 'run the command again',
  })
