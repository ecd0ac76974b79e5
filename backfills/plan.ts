import type { Sql } from 'postgres'
import { CopyConnection } from './copy-connection.ts'
import { connect, reaching } from './database.ts'
import type { ConflictPolicy } from './define.ts'
import { isolate } from './isolate.ts'
import { findRun } from './ledger.ts'
import { sameKey } from './journal.ts'
import { isReject, RecordReader, type PreparedRecord, type Reject } from './record.ts'
import { blaming, RowFailure } from './row-failure.ts'
import type { JobPlace } from './run.ts'
import { isUnfinished, type Run } from './run-state.ts'
import { sequencesOf } from './sequences.ts'
import { createStage, fillStage, stageName } from './stage.ts'
import { readTargets, type Target } from './target.ts'

/** What a run would do, found out without writing anything. */
export interface BackfillPlan {
  readonly name: string
  readonly system: string
  readonly source: { readonly kind: string; readonly label: string; readonly size: number | null }
  /** What `run` does next: a new run, the rest of an unfinished one, or nothing, since one is finished. */
  readonly action: 'start' | 'resume' | 'nothing'
  readonly lastRun: Run | null
  /** Records in the source. */
  readonly records: number
  readonly rejected: number
  /** The first ones, at most 100. What constraints refuse is only known when it is tried. */
  readonly rejects: readonly Reject[]
  readonly onConflict: ConflictPolicy
  readonly tables: readonly TablePlan[]
  /** Extrapolated from this dry run on this machine; null for an empty source. */
  readonly estimate: { readonly ms: number; readonly walBytes: number } | null
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

const NAMED = 100
const PORTION = 20_000
const PORTION_SIZE = 8 * 1024 * 1024
/** Indexes, journal and commits of a run, measured against this dry run; WAL against the text of the rows. */
const [TIME_FACTOR, WAL_FACTOR] = [2.5, 2.5]

/**
 * The dry run: reads every record, validates, maps and encodes it, and lets PostgreSQL parse it into a temporary
 * table, all in a read-only transaction.
 * @throws {LandfallError} `usage` (source, table, key or column is wrong) · `environment`
 */
export const planBackfill = (
  options: JobPlace & { readonly onProgress?: (records: number) => void },
): Promise<BackfillPlan> =>
  reaching(async () => {
    await using sql = connect(options)
    await using connection = await CopyConnection.open(options)
    const { job, system, schema } = options
    const identity = await job.from.identity(options)
    const targets = await readTargets(sql, schema, job)
    const lastRun = (await findRun(sql, { system, name: job.name }))?.run ?? null
    const tried = await tryRecords(connection, targets, options)
    const triggers = targets.flatMap((target) => target.triggers.map((trigger) => `${trigger} of ${target.table}`))
    return {
      name: job.name,
      system,
      source: { kind: identity.kind, label: identity.label, size: identity.size },
      action: lastRun === null ? 'start' : isUnfinished(lastRun.state) ? 'resume' : 'nothing',
      lastRun,
      onConflict: job.onConflict,
      ...tried,
      undo: triggers.length === 0 ? 'exact' : 'exact except for what triggers do',
      notes: await notesOn(sql, targets),
    }
  })

/** What is special about the tables, and what the engine does about it. */
async function notesOn(sql: Sql, targets: readonly Target[]): Promise<string[]> {
  const notes: string[] = []
  for (const target of targets) {
    const { table, triggers, rowSecurity, plain, columns } = target
    for (const trigger of triggers)
      notes.push(`the trigger ${trigger} of ${table} runs for every row; what it does elsewhere is not undone`)
    if (rowSecurity)
      notes.push(`row-level security of ${table} applies to this role: rows go in by INSERT, which is slower than COPY`)
    if (!plain) notes.push(`${table} has partitions or children: rows are looked up by their keys, which is slower`)
    const generated = [...columns.values()].filter((column) => column.generated).map(({ name }) => name)
    if (generated.length > 0)
      notes.push(`the database computes ${generated.join(', ')} of ${table}: they are not compared with the source`)
    const unknown = [...columns.values()]
      .filter(({ codec, generated: computed }) => codec === null && !computed)
      .map(({ name, type }) => `${name} (${type})`)
    if (unknown.length > 0)
      notes.push(
        `only the server knows the bytes of ${unknown.join(', ')} of ${table}: batches that write them go as text, and verify compares their records one by one`,
      )
    for (const { column, sequence } of await sequencesOf(sql, target))
      notes.push(
        `the sequence ${sequence} of ${table}.${column} is moved behind the greatest value, and a rollback does not move it back`,
      )
    for (const { table: child, columns: refers, onDelete } of target.referrers.filter(
      (referrer) => silent[referrer.onDelete] !== undefined,
    ))
      notes.push(
        `a delete in ${table} would ${silent[onDelete]} rows of ${child} (${refers.join(', ')}): a rollback refuses when there are any that are not of the run`,
      )
  }
  return notes
}

const silent: Readonly<Record<string, string>> = { c: 'delete', n: 'empty', d: 'set back' }

type Tried = Pick<BackfillPlan, 'records' | 'rejected' | 'rejects' | 'tables' | 'estimate'>

async function tryRecords(
  connection: CopyConnection,
  targets: readonly Target[],
  place: JobPlace & { onProgress?: (records: number) => void },
): Promise<Tried> {
  const { job, onProgress } = place
  const begun = performance.now()
  const reader = new RecordReader(job, targets)
  const rejects: Reject[] = []
  const rows = targets.map(() => ({ rows: 0, existing: 0 }))
  let [records, rejected, bytes] = [0, 0, 0]
  let waiting: PreparedRecord[] = []
  let size = 0
  const reject = (found: readonly Reject[]): void => {
    rejected += found.length
    rejects.push(...found.slice(0, NAMED - rejects.length))
  }
  const portion = async (): Promise<void> => {
    const refused = await stageAll(connection, targets, reader, waiting)
    reject(refused)
    const numbers = new Set(refused.map(({ position }) => position.record))
    const accepted = waiting.filter(({ position }) => !numbers.has(position.record))
    for (const [index, target] of targets.entries()) {
      rows[index]!.rows += accepted.reduce((sum, record) => sum + record.rows[index]!.length, 0)
      rows[index]!.existing += await countExisting(connection, target, index, reader, accepted)
    }
    bytes += size
    onProgress?.(records)
    ;[waiting, size] = [[], 0]
  }
  for (const [index, target] of targets.entries()) await createStage(connection, target, index, 'null')
  for await (const items of job.from.read(place))
    for (const item of items) {
      records += 1
      const record = await reader.read(item)
      if (isReject(record)) {
        reject([record])
        continue
      }
      waiting.push(record)
      size += record.size
      if (waiting.length >= PORTION || size >= PORTION_SIZE) await portion()
    }
  await portion()
  const ms = Math.round((performance.now() - begun) * TIME_FACTOR)
  return {
    records,
    rejected,
    rejects: rejects.toSorted((a, b) => a.position.record - b.position.record),
    estimate: records === 0 ? null : { ms, walBytes: Math.round(bytes * WAL_FACTOR) },
    tables: targets.map(({ table, key, triggers, rowSecurity }, index) => ({
      table,
      key: key.map(({ name }) => name),
      ...rows[index]!,
      triggers,
      rowSecurity,
    })),
  }
}

/** Lets the server parse the records; those that it refuses are rejects. */
async function stageAll(
  connection: CopyConnection,
  targets: readonly Target[],
  { written }: RecordReader,
  records: readonly PreparedRecord[],
): Promise<Reject[]> {
  const stage = async (group: readonly PreparedRecord[]): Promise<void> => {
    for (const [index, target] of targets.entries())
      await blaming({ index, target }, group, () =>
        fillStage(connection, index, written[index]!.columns, group, 'null'),
      )
  }
  await connection.query('begin read only')
  try {
    await stage(records)
    return []
  } catch (error) {
    if (!(error instanceof RowFailure)) throw error
  } finally {
    await connection.query('rollback')
  }
  return isolate(connection, records, stage, 'read only')
}

async function countExisting(
  connection: CopyConnection,
  target: Target,
  index: number,
  { written }: RecordReader,
  records: readonly PreparedRecord[],
): Promise<number> {
  await connection.query('begin read only')
  try {
    await fillStage(connection, index, written[index]!.columns, records, 'null')
    const [row] = await connection.query(
      `select count(*) as n from ${stageName(index)} s join ${target.sql} t on ${sameKey(target, 's', 't')}`,
    )
    return Number(row!['n'])
  } finally {
    await connection.query('rollback')
  }
}
