import { LandfallError } from '../migrations/error.ts'
import type { Sql } from 'postgres'
import { compareBatch, holdsOnly, unexplainedRows, type Difference } from './compare.ts'
import { CopyConnection } from './copy-connection.ts'
import { connect, reaching } from './database.ts'
import { specHash } from './define.ts'
import { compareDigests, type DigestResult, type Stretch } from './digests.ts'
import { NOBODY, recordEvent, type Operator } from './audit.ts'
import { finalized } from './finalize.ts'
import { changeState, listRuns, requireRun, type StoredRun } from './ledger.ts'
import { isReject, RecordReader, type PreparedRecord, type Reject } from './record.ts'
import { mendedRecord } from './recall.ts'
import { mendedRecords, rejectedRecords } from './rejects.ts'
import { sameSource, type JobPlace } from './run.ts'
import { isUnfinished, type Run } from './run-state.ts'
import { createStage } from './stage.ts'
import { orphans } from './orphans.ts'
import { openBatches } from './rollback.ts'
import { readTargets, type Target } from './target.ts'
import { laterWritesOf } from './undo.ts'

export interface VerifyOptions extends JobPlace {
  /** The id of a run; default: the latest of the job that is not rolled back. */
  readonly run?: string
  /**
   * Every record is read, mapped and compared anew. Otherwise that is done for what the digests of the run do not prove:
   * the source and the job are those of the run, and the server's rows have the digest of the source's.
   */
  readonly full?: boolean
  readonly operator?: Operator
  readonly onProgress?: (records: number) => void
}

/** The books of a run against the source and against its own journal. */
export interface Accounting {
  /** Records in the source. */
  readonly source: number
  readonly read: number
  readonly written: number
  readonly existing: number
  readonly rejected: number
  /** read = source = written + existing + rejected, and each reject is on record. */
  readonly balanced: boolean
}

export interface Verification {
  readonly run: Run
  /** True when the books balance and nothing differs. Rejects are not its concern. */
  readonly ok: boolean
  readonly accounting: Accounting
  /** Rows compared, byte by byte, or by their digest. */
  readonly compared: number
  /** The first ones, at most 100. */
  readonly differences: readonly Difference[]
  /** All of them. */
  readonly differing: number
}

const NAMED = 100
const PORTION = 20_000
const PORTION_SIZE = 8 * 1024 * 1024

/**
 * Compares every row that a run wrote with the source: by digests, and where these differ or are missing record by
 * record, read and mapped anew, both sides as PostgreSQL stores them. Foreign keys are checked, whether the server
 * enforces them or not. The target is only read.
 * @throws {LandfallError} `usage` (the source changed) · `stopped` (the run is not finished) · `environment`
 */
export const verifyRun = (options: VerifyOptions): Promise<Verification> =>
  reaching(async () => {
    await using sql = connect(options)
    await using connection = await CopyConnection.open(options)
    const stored = await requireRun(sql, { system: options.system, name: options.run ?? options.job.name })
    if (stored.run.state === 'rolled-back' || isUnfinished(stored.run.state)) throw notFinished(stored.run)
    if (stored.finalizedAt !== null) throw finalized(stored.run, stored.finalizedAt, 'usage')
    const unchanged = sameSource(stored, options)
    unchanged.catch(() => {}) // it is waited for before the source is read: the server has work meanwhile
    const result = await compare(sql, connection, stored, options, unchanged)
    await changeState(
      sql,
      stored.run.id,
      ['done', 'verified'],
      result.ok ? 'verified' : 'done',
      result.ok ? null : 'the verification found differences',
      options.operator,
    )
    const { ok, compared, differing } = result
    await recordEvent(sql, stored.run.id, 'verification', { ok, compared, differing }, options.operator ?? NOBODY)
    const [now] = await listRuns(sql, { name: stored.run.id })
    return { run: now!.run, ...result }
  })

async function compare(
  sql: Sql,
  connection: CopyConnection,
  stored: StoredRun,
  options: VerifyOptions,
  unchanged: Promise<void>,
): Promise<Omit<Verification, 'run'>> {
  const { run } = stored
  const targets = await readTargets(sql, options.schema, options.job)
  const rejects = await rejectedRecords(sql, run.id)
  const mended = await mendedRecords(sql, run.id)
  const differences: Difference[] = []
  let differing = 0
  const note = (found: readonly Difference[]): void => {
    differing += found.length
    differences.push(...found.slice(0, NAMED - differences.length))
  }
  if (options.job.from.live) {
    await unchanged
    return ofLive(sql, stored, targets, rejects.size, options)
  }
  const asItWas = options.full !== true && stored.specHash === specHash(options.job)
  const proven = asItWas ? await digestsOf(connection, run.id, targets, options) : null
  await unchanged
  // A batch of retried records lies across others: where its rows have no digest, everything is compared.
  const digests = proven !== null && !overlap(proven.open) ? proven : { proven: 0, open: [WHOLE] }
  let compared = digests.proven
  let source = run.read // the source is what it was, to the byte
  const comparison = { connection, run, targets, rejects, mended, options, note }
  for (const stretch of digests.open) {
    const result = await compareRecords(comparison, stretch)
    compared += result.compared
    if (stretch === WHOLE) source = result.records
  }
  for (const [index, target] of targets.entries())
    note(
      await readOnly(connection, async () => [
        ...(await orphans(connection, target)),
        ...(stored.targets[index]?.emptyBefore && !(differing === 0 && (await holdsOnly(connection, target, run.id)))
          ? await unexplainedRows(connection, target)
          : []),
      ]),
    )
  const { read, written, existing, rejected } = run
  const balanced = read === source && read === written + existing + rejected && rejected === rejects.size
  return {
    ok: balanced && differing === 0,
    accounting: { source, read, written, existing, rejected, balanced },
    compared: proven === null ? compared : Math.min(compared, proven.rows),
    differences,
    differing,
  }
}

/** Over two connections: the server has more than one core. */
async function digestsOf(
  connection: CopyConnection,
  runId: string,
  targets: readonly Target[],
  options: VerifyOptions,
): Promise<DigestResult> {
  await using second = await CopyConnection.open(options)
  return await readOnly(connection, () =>
    readOnly(second, () => compareDigests([connection, second], runId, targets, options.onProgress)),
  )
}

/**
 * Of a source that goes on changing nothing can be read again: the rows must be as the run left them, by the hashes of
 * its journal.
 */
async function ofLive(
  sql: Sql,
  stored: StoredRun,
  targets: readonly Target[],
  onRecord: number,
  { onProgress }: VerifyOptions,
): Promise<Omit<Verification, 'run'>> {
  const { run } = stored
  const differences: Difference[] = []
  let [differing, compared] = [0, 0]
  for (const batch of await openBatches(sql, stored, new Map(targets.map((target) => [target.sql, target])))) {
    const { writes, gone } = await laterWritesOf(sql, batch, [])
    const changed = writes.filter(({ kind }) => kind === 'changed' || kind === 'key-changed')
    compared += batch.n
    differing += changed.length + gone
    const found = [
      ...changed.map(({ key, detail }) => ({ key, actual: `(${detail})` })),
      ...(gone > 0 ? [{ key: [], actual: `(${gone} rows were deleted later)` }] : []),
    ]
    differences.push(
      ...found.slice(0, NAMED - differences.length).map((rest) => ({
        ...rest,
        table: batch.target.table,
        column: null,
        expected: '(as the run left it)',
        record: null,
        line: null,
      })),
    )
    onProgress?.(compared)
  }
  const { read, written, existing, rejected } = run
  const balanced = read === written + existing + rejected && rejected === onRecord
  return {
    ok: balanced && differing === 0,
    accounting: { source: read, read, written, existing, rejected, balanced },
    compared,
    differences,
    differing,
  }
}

interface Comparison {
  readonly connection: CopyConnection
  readonly run: Run
  readonly targets: readonly Target[]
  /** The numbers of the records that were rejected. */
  readonly rejects: ReadonlySet<number>
  /** Records that an operator mended, by their numbers. */
  readonly mended: ReadonlyMap<number, string>
  readonly options: VerifyOptions
  readonly note: (found: readonly Difference[]) => void
}

/** `stretches` are in the order of their first records; one that begins with the source has nothing before it. */
const overlap = (stretches: readonly Stretch[]): boolean =>
  stretches.some(
    ({ behind, first, last }, n) => (behind === null && first > 1) || last >= (stretches[n + 1]?.first ?? Infinity),
  )

const WHOLE: Stretch = { behind: null, first: 1, last: Number.POSITIVE_INFINITY }

/** Compares the records of a stretch with their rows, column by column. */
async function compareRecords(
  { connection, run, targets, rejects, mended, options, note }: Comparison,
  { behind, last }: Stretch,
): Promise<{ compared: number; records: number }> {
  const { job, onProgress } = options
  const reader = new RecordReader(job, targets)
  let [seen, compared, size] = [0, 0, 0]
  let records: PreparedRecord[] = []
  const portion = async (): Promise<void> => {
    if (records.length === 0) return
    for (const [index, target] of targets.entries()) await createStage(connection, target, index, 'null')
    await readOnly(connection, async () => {
      for (const [index, target] of targets.entries()) {
        const columns = reader.written[index]!.columns
        const result = await compareBatch(connection, { runId: run.id, index, target, columns, records })
        compared += result.compared
        note(result.differences)
      }
    })
    ;[records, size] = [[], 0]
  }
  read: for await (const items of job.from.read(options, behind)) {
    for (const item of items) {
      if (item.position.record > last) break read
      seen += 1
      if (rejects.has(item.position.record)) continue
      const text = mended.get(item.position.record)
      const record = await reader.read(text === undefined ? item : mendedRecord(job.from, item, text))
      if (isReject(record)) {
        note([refusedNow(targets[0]!.table, record)])
        continue
      }
      records.push(record)
      size += record.size
      if (records.length < PORTION && size < PORTION_SIZE) continue
      await portion()
      onProgress?.(seen)
    }
  }
  await portion()
  return { compared, records: seen }
}

/** A transaction that the server keeps from writing to anything but temporary tables. */
async function readOnly<T>(connection: CopyConnection, work: () => Promise<T>): Promise<T> {
  await connection.query('begin read only')
  try {
    return await work()
  } finally {
    await connection.query('rollback')
  }
}

/** A record that the run carried over, and that the job as it is now would not. */
const refusedNow = (table: string, { position, reason }: Reject): Difference => ({
  table,
  key: [],
  column: null,
  expected: `(${reason})`,
  actual: null,
  record: position.record,
  line: position.line,
})

const notFinished = ({ name, state }: Run): LandfallError =>
  state === 'rolled-back'
    ? new LandfallError(
        'usage',
        'backfills/rolled-back',
        `this run of ${name} is rolled back: there is nothing to verify`,
        {
          next: `landfall backfill run ${name}`,
        },
      )
    : new LandfallError(
        'stopped',
        'backfills/not-finished',
        `backfill ${name} is ${state}: only a finished run can be verified`,
        {
          next: `landfall backfill resume ${name}`,
        },
      )
