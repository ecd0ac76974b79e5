import type { Sql } from 'postgres'
import { FenceLost, type BatchLedger } from '../batch.ts'
import { countsOf, insertRejects } from '../checkpoint.ts'
import { owner } from '../ledger.ts'
import { batchesLock } from '../lock.ts'
import type { Cursor, SourcePart } from '../sources/source.ts'

/** A part of a run, as one worker has it. */
export interface Partition {
  readonly runId: string
  readonly number: number
  readonly epoch: number
  /** Where it stands. */
  readonly cursor: Cursor | null
  readonly last: number | null
}

/** Puts the parts of a run on record. */
export const addPartitions = (sql: Sql, runId: string, parts: readonly SourcePart[]): Promise<unknown> =>
  sql`
    insert into landfall.backfill_partition (run_id, number, behind, last_record)
    select ${runId}::uuid, n - 1, nullif(part -> 'behind', 'null'), (part ->> 'last')::bigint
    from jsonb_array_elements(${sql.json(parts as never)}::jsonb) with ordinality p(part, n)`

/** The numbers of those that are not done, of a run. */
export async function openPartitions(sql: Sql, runId: string): Promise<number[]> {
  const rows = await sql<{ number: number }[]>`
    select number from landfall.backfill_partition where run_id = ${runId} and state <> 'done' order by number`
  return rows.map(({ number }) => number)
}

/** Those that a worker has taken and not come to the end of; it may be dead. */
export async function takenPartitions(sql: Sql, runId: string): Promise<number[]> {
  const rows = await sql<{ number: number }[]>`
    select number from landfall.backfill_partition where run_id = ${runId} and state = 'running' order by number`
  return rows.map(({ number }) => number)
}

/** Takes a partition from whoever had it: a new epoch, which the old owner's next batch trips over. Null: it is done. */
export async function takePartition(sql: Sql, runId: string, number: number): Promise<Partition | null> {
  const [row] = await sql<{ epoch: number; cursor: Cursor | null; last: string | null }[]>`
    update landfall.backfill_partition set epoch = epoch + 1, state = 'running', owner = ${owner()}, heartbeat_at = clock_timestamp()
    where run_id = ${runId} and number = ${number} and state <> 'done'
    returning epoch, coalesce(cursor, behind) as cursor, last_record as last`
  if (row === undefined) return null
  return { runId, number, epoch: row.epoch, cursor: row.cursor, last: row.last === null ? null : Number(row.last) }
}

/** Gives a partition back, or ends it, where it is still this owner's. */
export const leavePartition = (sql: Sql, { runId, number, epoch }: Partition, state: 'waiting' | 'done') =>
  sql`
    update landfall.backfill_partition set state = ${state}, heartbeat_at = clock_timestamp(),
      finished_at = ${state === 'done' ? sql`clock_timestamp()` : sql`null`}
    where run_id = ${runId} and number = ${number} and epoch = ${epoch}`

/**
 * What a batch of a partition commits beside its data. Batches of other partitions are not waited for; a change of the
 * run's state waits for them.
 */
export const partitionLedger = ({ runId, number, epoch }: Partition, cursor: Cursor): BatchLedger => ({
  runId,
  async fence(connection) {
    await connection.query('select pg_advisory_xact_lock_shared(hashtextextended($1, 0))', [batchesLock(runId)])
    const [row] = await connection.query(
      `update landfall.backfill_partition p set heartbeat_at = clock_timestamp()
       from landfall.backfill_run r
       where p.run_id = $1 and p.number = $2 and p.epoch = $3 and p.state = 'running' and r.id = p.run_id and r.state = 'running'
       returning nextval('landfall.backfill_batch_number') as seq`,
      [runId, number, epoch],
    )
    if (row === undefined) throw new FenceLost()
    return Number(row['seq'])
  },
  async record(connection, seq, outcome) {
    const { read, written, existing, rejected } = countsOf(outcome)
    await insertRejects(connection, runId, seq, outcome.rejects)
    await connection.query(
      `update landfall.backfill_partition
       set cursor = $3, read = read + $4, written = written + $5, existing = existing + $6, rejected = rejected + $7
       where run_id = $1 and number = $2`,
      [runId, number, JSON.stringify(cursor), read, written, existing, rejected],
    )
  },
})
