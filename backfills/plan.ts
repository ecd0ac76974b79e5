import type { Sql } from 'postgres'
import { CopyConnection } from './copy-connection.ts'
import { connect, reaching } from './database.ts'
import type { ConflictPolicy } from './define.ts'
import { dryRun, type DryRun } from './dry-run.ts'
import { findRun } from './ledger.ts'
import { notesOn } from './plan-notes.ts'
import type { Reject } from './record.ts'
import type { JobPlace } from './run.ts'
import { isUnfinished, type Run } from './run-state.ts'
import { sampleRun } from './sample.ts'
import { readTargets, type Target } from './target.ts'

/** What a run would do, found out without writing anything. */
export interface BackfillPlan {
  readonly name: string
  readonly system: string
  readonly source: { readonly kind: string; readonly label: string; readonly size: number | null }
  /** What `run` does next: a new run, the rest of an unfinished one, or nothing, since one is finished. */
  readonly action: 'start' | 'resume' | 'nothing'
  readonly lastRun: Run | null
  /** Records in the source; `records = written + existing + rejected`. */
  readonly records: number
  /** Records that would add a row. */
  readonly written: number
  /** Records whose rows are there already, or come from an earlier record; with `onConflict: 'fail'` they are rejects. */
  readonly existing: number
  readonly rejected: number
  /** The first ones, at most 100. What checks, triggers and foreign keys refuse is only known when it is tried. */
  readonly rejects: readonly Reject[]
  readonly onConflict: ConflictPolicy
  readonly tables: readonly TablePlan[]
  /** Null for an empty source. */
  readonly estimate: Estimate | null
  /** Whether the rows can be undone exactly. */
  readonly undo: 'exact' | 'exact except for what triggers do'
  /** What an operator should know before: triggers, row-level security, partitions, sequences, references. */
  readonly notes: readonly string[]
}

export interface TablePlan {
  readonly table: string
  readonly key: readonly string[]
  /** Rows that the records become. */
  readonly rows: number
  /** How many of them have a row of their key in the table already. */
  readonly existing: number
  readonly triggers: readonly string[]
  readonly rowSecurity: boolean
}

export interface Estimate {
  readonly ms: number
  readonly walBytes: number
  /** Tables, indexes and journal. */
  readonly diskBytes: number
  /** `dry run`: from the sizes of all rows and the time that this dry run took · `sample`: from records that were written and rolled back. */
  readonly from: 'dry run' | 'sample'
  /** What that was: so many records, in so many milliseconds. */
  readonly measured: { readonly records: number; readonly ms: number }
}

export interface PlanOptions extends JobPlace {
  /** So many records are really written, in a transaction that is rolled back, for the estimate. The ledger must be there. */
  readonly sample?: number
  readonly onProgress?: (records: number) => void
}

/**
 * The dry run: reads every record, validates, maps and encodes it, and lets PostgreSQL parse it into a temporary
 * table, all in read-only transactions.
 * @throws {LandfallError} `usage` (source, table, key or column is wrong) · `environment`
 */
export const planBackfill = (options: PlanOptions): Promise<BackfillPlan> =>
  reaching(async () => {
    await using sql = connect(options)
    await using connection = await CopyConnection.open(options)
    const { job, system, schema, sample } = options
    const identity = await job.from.identity(options)
    const targets = await readTargets(sql, schema, job)
    const lastRun = (await findRun(sql, { system, name: job.name }))?.run ?? null
    const { readMs, ms, bytes, ...tried } = await dryRun(connection, targets, options)
    const triggers = targets.flatMap((target) => target.triggers.map((trigger) => `${trigger} of ${target.table}`))
    return {
      name: job.name,
      system,
      source: { kind: identity.kind, label: identity.label, size: identity.size },
      action: lastRun === null ? 'start' : isUnfinished(lastRun.state) ? 'resume' : 'nothing',
      lastRun,
      onConflict: job.onConflict,
      ...tried,
      estimate:
        tried.records === 0
          ? null
          : sample === undefined
            ? await guessed(sql, targets, { ms, bytes, ...tried })
            : await sampled(connection, targets, options, { records: tried.records, readMs, sample }),
      undo: triggers.length === 0 ? 'exact' : 'exact except for what triggers do',
      notes: await notesOn(sql, targets),
    }
  })

/** Bytes beside the data: of a row in the heap, of an entry in an index, of a row in the journal; and of each as WAL. */
const [HEAP, INDEX, JOURNAL] = [28, 36, 20]
const [HEAP_WAL, INDEX_WAL] = [32, 70]

/** Indexes, journal and commits take a run about as long as looking for keys takes this. */
async function guessed(
  sql: Sql,
  targets: readonly Target[],
  { ms, bytes, tables, records }: Pick<DryRun, 'ms' | 'bytes' | 'tables' | 'records'>,
): Promise<Estimate> {
  let [disk, wal] = [bytes, bytes]
  for (const [index, { sql: name }] of targets.entries()) {
    const [{ n }] = (await sql`select count(*)::int as n from pg_index where indrelid = ${name}::regclass`) as [
      { n: number },
    ]
    const { rows } = tables[index]!
    disk += rows * (HEAP + INDEX * n + JOURNAL)
    wal += rows * (HEAP_WAL + INDEX_WAL * n + JOURNAL)
  }
  const took = Math.round(ms)
  return { ms: took, walBytes: wal, diskBytes: disk, from: 'dry run', measured: { records, ms: took } }
}

/** Reading goes on beside writing: what takes longer is what a run takes. */
async function sampled(
  connection: CopyConnection,
  targets: readonly Target[],
  options: PlanOptions,
  { records, readMs, sample }: { readonly records: number; readonly readMs: number; readonly sample: number },
): Promise<Estimate> {
  const { ms, walBytes, diskBytes, ...taken } = await sampleRun(connection, targets, options, sample)
  const times = records / Math.max(1, taken.records)
  return {
    ms: Math.round(Math.max(readMs, ms * times)),
    walBytes: Math.round(walBytes * times),
    diskBytes: Math.round(diskBytes * times),
    from: 'sample',
    measured: { records: taken.records, ms: Math.round(ms) },
  }
}
