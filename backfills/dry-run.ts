import type { CopyConnection } from './copy-connection.ts'
import { identifier } from './identifier.ts'
import { isolate } from './isolate.ts'
import { keyColumns, sameKey } from './journal.ts'
import type { BackfillPlan } from './plan.ts'
import { isReject, rawText, RecordReader, type PreparedRecord, type Reject } from './record.ts'
import { blaming, RowFailure } from './row-failure.ts'
import type { JobPlace } from './run.ts'
import { createStage, fillStage, stageName } from './stage.ts'
import type { Target } from './target.ts'

/** What all records of a source would become. */
export type DryRun = Pick<BackfillPlan, 'records' | 'written' | 'existing' | 'rejected' | 'rejects' | 'tables'> & {
  /** How long it took, and how much of that was reading, validating and mapping. */
  readonly ms: number
  readonly readMs: number
  /** Of the rows on their way. */
  readonly bytes: number
}

const NAMED = 100
const PORTION = 20_000
const PORTION_SIZE = 8 * 1024 * 1024

/** Lets the server parse every record and look for its key, in transactions that may write to temporary tables only. */
export async function dryRun(
  connection: CopyConnection,
  targets: readonly Target[],
  place: JobPlace & { readonly onProgress?: (records: number) => void },
): Promise<DryRun> {
  const { job, onProgress } = place
  const begun = performance.now()
  const reader = new RecordReader(job, targets)
  const rejects: Reject[] = []
  const rows = targets.map(() => ({ rows: 0, existing: 0 }))
  let [records, written, existing, rejected, bytes, serverMs] = [0, 0, 0, 0, 0, 0]
  let waiting: PreparedRecord[] = []
  let size = 0
  const reject = (found: readonly Reject[]): void => {
    rejected += found.length
    rejects.push(...found.slice(0, NAMED - rejects.length))
  }
  const portion = async (): Promise<void> => {
    const since = performance.now()
    const { refused, found } = await tryPortion(connection, targets, reader, waiting)
    const numbers = new Set(refused.map(({ position }) => position.record))
    const accepted = waiting.filter(({ position }) => !numbers.has(position.record))
    const [twins, fresh] = [new Set<number>(), new Set<number>()]
    for (const [index, { known, taken, added }] of found.entries()) {
      rows[index]!.rows += accepted.reduce((sum, record) => sum + record.counts[index]!, 0)
      rows[index]!.existing += known
      for (const record of taken) twins.add(record)
      for (const record of added) fresh.add(record)
    }
    const clashing = job.onConflict === 'fail' ? accepted.filter(({ position }) => twins.has(position.record)) : []
    reject([...refused, ...clashing.map((record) => clash(targets, record))])
    const rest = accepted.length - clashing.length
    const adding = accepted.filter(({ position: { record } }) => fresh.has(record)).length
    written += job.onConflict === 'fail' ? rest : adding
    existing += job.onConflict === 'fail' ? 0 : rest - adding
    bytes += size
    serverMs += performance.now() - since
    onProgress?.(records)
    ;[waiting, size] = [[], 0]
  }
  for (const [index, target] of targets.entries()) {
    await createStage(connection, target, index, 'null')
    await createSeen(connection, target, index)
  }
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
  const ms = performance.now() - begun
  return {
    records,
    written,
    existing,
    rejected,
    rejects: rejects.toSorted((a, b) => a.position.record - b.position.record),
    tables: targets.map(({ table, key, triggers, rowSecurity }, index) => ({
      table,
      key: key.map(({ name }) => name),
      ...rows[index]!,
      triggers,
      rowSecurity,
    })),
    ms,
    readMs: ms - serverMs,
    bytes,
  }
}

/** What stands in the way of the rows of a portion, in one table. */
interface Found {
  /** Rows whose key is in the table. */
  readonly known: number
  /** Records of which a key is in the table, or came with an earlier row; and records of which one is new. */
  readonly taken: readonly number[]
  readonly added: readonly number[]
}

/** Keys that came already; temporary tables may be written to in a read-only transaction. */
const createSeen = async (connection: CopyConnection, { sql, key }: Target, index: number): Promise<void> => {
  const names = key.map(({ name }) => identifier(name)).join(', ')
  await connection.query(`drop table if exists ${seenName(index)}`)
  await connection.query(`create temp table landfall_seen_${index} as select ${names} from ${sql} where false`)
  await connection.query(`create index on ${seenName(index)} (${names})`)
}

const seenName = (index: number): string => `pg_temp.landfall_seen_${index}`

async function tryPortion(
  connection: CopyConnection,
  targets: readonly Target[],
  { written }: RecordReader,
  records: readonly PreparedRecord[],
): Promise<{ refused: readonly Reject[]; found: readonly Found[] }> {
  const stage = async (group: readonly PreparedRecord[]): Promise<void> => {
    for (const [index, target] of targets.entries())
      await blaming({ index, target }, group, () =>
        fillStage(connection, index, written[index]!.columns, group, 'null'),
      )
  }
  const attempt = async (group: readonly PreparedRecord[]): Promise<Found[]> => {
    await connection.query('begin read only')
    try {
      await stage(group)
      const found: Found[] = []
      for (const [index, target] of targets.entries()) found.push(await findKeys(connection, target, index))
      await connection.query('commit')
      return found
    } catch (error) {
      await connection.query('rollback').catch(() => {}) // the connection may be what failed
      throw error
    }
  }
  try {
    return { refused: [], found: await attempt(records) }
  } catch (error) {
    if (!(error instanceof RowFailure)) throw error
  }
  const refused = await isolate(connection, records, stage, 'read only')
  const numbers = new Set(refused.map(({ position }) => position.record))
  return { refused, found: await attempt(records.filter(({ position }) => !numbers.has(position.record))) }
}

async function findKeys(connection: CopyConnection, target: Target, index: number): Promise<Found> {
  const [stage, seen] = [stageName(index), seenName(index)]
  const keys = keyColumns(target, 's')
  const [row] = await connection.query(
    `with judged as materialized (
       select s.landfall_record as record, exists (select from ${target.sql} t where ${sameKey(target, 't', 's')}) as known,
         row_number() over (partition by ${keys} order by s.landfall_n) > 1
           or exists (select from ${seen} e where ${sameKey(target, 'e', 's')}) as twin
       from ${stage} s
     )
     select count(*) filter (where known) as known,
       array_to_json(array_agg(distinct record) filter (where known or twin))::text as taken,
       array_to_json(array_agg(distinct record) filter (where not known and not twin))::text as added
     from judged`,
  )
  await connection.query(`insert into ${seen} select ${keys} from ${stage} s`)
  return {
    known: Number(row!['known']),
    taken: JSON.parse(row!['taken'] ?? '[]') as number[],
    added: JSON.parse(row!['added'] ?? '[]') as number[],
  }
}

const clash = (targets: readonly Target[], { position, raw }: PreparedRecord): Reject => ({
  position,
  stage: 'database',
  code: '23505',
  reason: `a row of its key is in ${targets.map(({ table }) => table).join(' or ')} already, or comes with an earlier record`,
  raw: rawText(raw),
})
