import { setImmediate as turn } from 'node:timers/promises'
import { LandfallError } from '../migrations/error.ts'
import { commitBatch, GivenUp, type Batch, type BatchLedger } from './batch.ts'
import { BatchSize, DEFAULT_BATCH, type BatchLimits } from './batch-size.ts'
import { checkpoint, countsOf } from './checkpoint.ts'
import type { CopyConnection } from './copy-connection.ts'
import type { Backfill } from './define.ts'
import { interruptible } from './interruptible.ts'
import type { StoredRun } from './ledger.ts'
import { isReject, RecordReader, type PreparedRecord, type Reject } from './record.ts'
import { isBeyond, type RejectLimit } from './reject-limit.ts'
import type { Run } from './run-state.ts'
import { shareOf } from './share.ts'
import type { Cursor, SourcePlace } from './sources/source.ts'
import type { Target } from './target.ts'
import { RowFailure } from './row-failure.ts'
import type { Throttle } from './throttle/throttle.ts'
import { Writer, type Refresh } from './writer.ts'
import { boundYoungGeneration } from './young-generation.ts'

/** Records that are read between two looks at the clock, and at what the server answers: while it waits, it does not write. */
const STEP = 64

export interface CarryOptions extends SourcePlace {
  readonly job: Backfill
  /** Stops the run behind the batch at hand; a source that is slow is not waited for. */
  readonly signal: AbortSignal
  /** After every batch; `share` of the source is read, from 0 to 1, where that is known. */
  readonly onProgress?: (run: Run, share?: number | null) => void
  readonly batch?: BatchLimits
}

/** What of a source is carried over, and how it is put on record: a run's all, or one partition. */
export interface Portion {
  /** Where it stands; null: at the beginning of the source. */
  readonly cursor: Cursor | null
  /** The number of its last record; null: to the end of the source. */
  readonly last: number | null
  ledger(cursor: Cursor): BatchLedger
  /** The run with the counts of everybody who works on it; absent where nobody else does. */
  readonly counted?: () => Promise<Run>
}

/** Why the run may not go on. */
type Stop = LandfallError | null

export const wholeOf = ({ run: { id }, epoch, cursor }: StoredRun): Portion => ({
  cursor,
  last: null,
  ledger: (at) => checkpoint({ id, epoch }, at),
})

/**
 * Carries the records of a portion from where it stands into the tables; answers null at the end of the source, else why it
 * stopped before. While the server has a batch, the next ones are read; the throttle lets each of them pass.
 */
export async function carryRecords(
  connection: CopyConnection,
  stored: StoredRun,
  portion: Portion,
  targets: readonly Target[],
  throttle: Throttle | null,
  options: CarryOptions,
): Promise<LandfallError | null> {
  const { job, signal, onProgress, batch: limits = DEFAULT_BATCH } = options
  const reader = new RecordReader(job, targets, { pack: job.onConflict !== 'update' })
  const writer = new Writer(connection, targets, job.onConflict, refreshOf(options, targets))
  const size = new BatchSize(limits)
  const { maxRejects } = stored.limits
  let run = stored.run
  let open = new OpenBatch(portion.cursor)
  /** The last two batches that were handed over, each behind the one before. */
  let earlier: Promise<Stop> = Promise.resolve(null)
  let latest = earlier
  let [handedOver, lastMs] = [0, 0]

  const commit = async (batch: Batch): Promise<void> => {
    const begun = performance.now()
    const counts = countsOf(await commitBatch(connection, writer, portion.ledger(batch.cursor), batch, signal))
    lastMs = performance.now() - begun
    size.observe(counts.read, lastMs)
    run = (await portion.counted?.()) ?? {
      ...run,
      read: run.read + counts.read,
      written: run.written + counts.written,
      existing: run.existing + counts.existing,
      rejected: run.rejected + counts.rejected,
    }
    onProgress?.(run, shareOf(stored.source, batch.cursor))
  }
  const stopped = (): Stop =>
    isBeyond(maxRejects, run) ? tooManyRejects(run, maxRejects) : signal.aborted ? interrupted(run, signal) : null
  const commitBehind = async (before: Promise<Stop>, batch: Batch): Promise<Stop> => {
    try {
      const reason = (await before) ?? stopped()
      if (reason !== null) return reason
      await throttle?.pass(size, lastMs)
      const now = stopped()
      if (now === null) await commit(batch)
      return now
    } finally {
      handedOver -= 1
    }
  }
  /** Hands the open batch over. One is committed, another may wait meanwhile, and a third one is read. */
  const flush = async (): Promise<Stop> => {
    if (signal.aborted) return (await latest) ?? stopped()
    const batch = open.sealed(reader)
    if (batch === null) return null
    const last = earlier
    open = new OpenBatch(batch.cursor)
    handedOver += 1
    ;[earlier, latest] = [latest, commitBehind(latest, batch)]
    latest.catch(() => {}) // it is awaited in the end
    return last
  }

  try {
    if (isBeyond(maxRejects, run)) return tooManyRejects(run, maxRejects)
    source: for await (const items of interruptible(job.from.read(options, portion.cursor), signal)) {
      boundYoungGeneration()
      for (const item of items) {
        if (portion.last !== null && item.position.record > portion.last) break source
        const read = reader.read(item)
        const slow = read instanceof Promise
        const record = slow ? await read : read
        open.add(record, item.end)
        const step = item.position.record % STEP === 0
        if (!step && !slow && !isReject(record) && item !== items.at(-1) && !open.isFull(size)) continue
        if (step && handedOver > 0) await turn()
        const so = { read: run.read + open.count, rejected: run.rejected + open.rejects.length }
        if (!open.isFull(size) && !open.isOld(size) && !isBeyond(maxRejects, so) && !signal.aborted) continue
        const reason = await flush()
        if (reason !== null) return reason
      }
    }
    const reason = (await flush()) ?? (await latest)
    return reason ?? (isBeyond(maxRejects, run, portion.counted === undefined) ? tooManyRejects(run, maxRejects) : null)
  } catch (error) {
    if (error instanceof GivenUp) return interrupted(run, signal)
    throw error
  } finally {
    await latest.catch(() => {}) // the connection is not left in the middle of a transaction
  }
}

/** Only for a job that writes into the table that it reads. */
export function refreshOf(
  options: SourcePlace & { readonly job: Backfill },
  targets: readonly Target[],
): Refresh | null {
  const { from } = options.job
  const target = targets.find(({ table }) => from.again !== undefined && table === from.label)
  if (target === undefined) return null
  const reader = new RecordReader(options.job, targets)
  return {
    sql: target.sql,
    async again(records) {
      const sources = await from.again!(
        options,
        records.map(({ position }) => position),
      )
      const fresh: PreparedRecord[] = []
      for (const source of sources) {
        const record = await reader.read(source)
        if (isReject(record)) throw new RowFailure(record.code, record.reason, null)
        fresh.push(record)
      }
      return fresh
    },
  }
}

/** The records that are waiting to be committed. */
class OpenBatch {
  readonly rejects: Reject[] = []
  readonly #records: PreparedRecord[] = []
  readonly #begun = performance.now()
  readonly #behind: Cursor | null
  #first = 0
  #cursor: Cursor | null = null
  #size = 0

  constructor(behind: Cursor | null) {
    this.#behind = behind
  }

  add(record: PreparedRecord | Reject, end: Cursor): void {
    if (this.#cursor === null) this.#first = record.position.record
    this.#cursor = end
    if (isReject(record)) {
      this.rejects.push(record)
      return
    }
    this.#records.push(record)
    this.#size += record.size
  }

  get count(): number {
    return this.#records.length + this.rejects.length
  }

  isFull({ rows, limits: { bytes } }: BatchSize): boolean {
    return this.count >= rows || this.#size >= bytes
  }

  isOld({ limits: { ms } }: BatchSize): boolean {
    return performance.now() - this.#begun >= ms
  }

  /** Null when there is nothing to commit. */
  sealed(reader: RecordReader): Batch | null {
    return this.#cursor === null
      ? null
      : {
          records: this.#records,
          rejects: this.rejects,
          tables: reader.takeTables(),
          first: this.#first,
          behind: this.#behind,
          cursor: this.#cursor,
        }
  }
}

export const tooManyRejects = ({ name, rejected }: Run, limit: RejectLimit): LandfallError =>
  new LandfallError(
    'stopped',
    'backfills/reject-limit',
    `backfill ${name} stopped: ${rejected} rejected, and the limit is ${limit}`,
    {
      next: `landfall backfill rejects list ${name}; to go on with them: landfall backfill resume ${name} --max-rejects N`,
      fields: { rejected, limit },
    },
  )

/** The reason of a signal that has one says why: a time budget does. */
export const interrupted = ({ name, read }: Run, { reason }: AbortSignal): LandfallError =>
  new LandfallError(
    'stopped',
    reason instanceof LandfallError ? reason.code : 'backfills/interrupted',
    `backfill ${name} was interrupted behind record ${read}${reason instanceof LandfallError ? `: ${reason.message}` : ''}`,
    { next: `landfall backfill resume ${name}` },
  )
