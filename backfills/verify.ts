import { LandfallError } from '../migrations/error.ts'
import type { Sql } from 'postgres'
import { compareBatch, unexplainedRows, type Difference } from './compare.ts'
import { CopyConnection } from './copy-connection.ts'
import { connect, reaching } from './database.ts'
import { changeState, listRejects, listRuns, recordEvent, requireRun, type StoredRun } from './ledger.ts'
import { isReject, RecordReader, type PreparedRecord, type Reject } from './record.ts'
import { sameSource, type JobPlace } from './run.ts'
import { isUnfinished, type Run } from './run-state.ts'
import { createStage } from './stage.ts'
import { readTargets } from './target.ts'

export interface VerifyOptions extends JobPlace {
  /** The id of a run; default: the latest of the job that is not rolled back. */
  readonly run?: string
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
  /** Rows compared, byte by byte. */
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
 * Compares every row that a run wrote with the source, read and mapped anew: both sides as PostgreSQL stores them.
 * The target is only read.
 * @throws {LandfallError} `usage` (the source changed) · `stopped` (the run is not finished) · `environment`
 */
export const verifyRun = (options: VerifyOptions): Promise<Verification> =>
  reaching(async () => {
    await using sql = connect(options)
    await using connection = await CopyConnection.open(options)
    const stored = await requireRun(sql, { system: options.system, name: options.run ?? options.job.name })
    if (stored.run.state === 'rolled-back' || isUnfinished(stored.run.state)) throw notFinished(stored.run)
    await sameSource(stored, options)
    const result = await compare(sql, connection, stored, options)
    await changeState(
      sql,
      stored.run.id,
      ['done', 'verified'],
      result.ok ? 'verified' : 'done',
      result.ok ? null : 'the verification found differences',
    )
    await recordEvent(sql, stored.run.id, 'verification', {
      ok: result.ok,
      compared: result.compared,
      differing: result.differing,
    })
    const [now] = await listRuns(sql, { name: stored.run.id })
    return { run: now!.run, ...result }
  })

async function compare(
  sql: Sql,
  connection: CopyConnection,
  stored: StoredRun,
  { job, root, schema, onProgress }: VerifyOptions,
): Promise<Omit<Verification, 'run'>> {
  const { run } = stored
  const targets = await readTargets(sql, schema, job)
  for (const [index, target] of targets.entries()) await createStage(connection, target, index, 'null')
  const rejects = new Set((await listRejects(sql, run.id)).map(({ position }) => position.record))
  const reader = new RecordReader(job, targets)
  const differences: Difference[] = []
  let [source, compared, differing] = [0, 0, 0]
  const note = (found: readonly Difference[]): void => {
    differing += found.length
    differences.push(...found.slice(0, NAMED - differences.length))
  }
  let records: PreparedRecord[] = []
  let size = 0
  const portion = async (): Promise<void> => {
    await readOnly(connection, async () => {
      for (const [index, target] of targets.entries()) {
        const columns = reader.written[index]!.columns
        const result = await compareBatch(connection, { runId: run.id, index, target, columns, records })
        compared += result.compared
        note(result.differences)
      }
    })
    onProgress?.(source)
    ;[records, size] = [[], 0]
  }
  for await (const items of job.from.read(root)) {
    for (const item of items) {
      source += 1
      if (rejects.has(item.position.record)) continue
      const record = await reader.read(item)
      if (isReject(record)) {
        note([refusedNow(targets[0]!.table, record)])
        continue
      }
      records.push(record)
      size += record.size
      if (records.length >= PORTION || size >= PORTION_SIZE) await portion()
    }
  }
  await portion()
  for (const [index, target] of targets.entries()) {
    if (stored.targets[index]?.emptyBefore) note(await readOnly(connection, () => unexplainedRows(connection, target)))
  }
  const { read, written, existing, rejected } = run
  const balanced = read === source && read === written + existing + rejected && rejected === rejects.size
  return {
    ok: balanced && differing === 0,
    accounting: { source, read, written, existing, rejected, balanced },
    compared,
    differences,
    differing,
  }
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
