import { setTimeout as sleep } from 'node:timers/promises'
import type { CopyConnection } from './copy-connection.ts'
import { isolate } from './isolate.ts'
import type { PreparedRecord, Reject, TableRows } from './record.ts'
import type { Cursor } from './sources/source.ts'
import { RowFailure } from './row-failure.ts'
import { Interference, type Writer } from './writer.ts'

/** What is committed at once. */
export interface Batch {
  readonly records: readonly PreparedRecord[]
  /** Of parsing and validation. */
  readonly rejects: readonly Reject[]
  /** What the records became; the bytes are of all of them. */
  readonly tables: readonly TableRows[]
  readonly first: number
  /** Behind which the first record begins; null at the beginning of the source. */
  readonly behind: Cursor | null
  /** Of the last record that it covers. */
  readonly cursor: Cursor
}

export interface BatchCounts {
  readonly read: number
  readonly written: number
  readonly existing: number
  readonly rejected: number
}

/** The run is no longer this process's to write: paused, cancelled, or taken over. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost'
}

const RETRIES = 8
const TRANSIENT: ReadonlySet<string> = new Set(['40001', '40P01', '55P03'])

/**
 * Commits a batch: fence, data, journal, rejects and checkpoint in one transaction. Records that the database
 * refuses become rejects of the same batch; what a concurrent writer disturbs is tried again.
 * @throws {FenceLost}
 */
export async function commitBatch(
  connection: CopyConnection,
  writer: Writer,
  run: { readonly id: string; readonly epoch: number },
  batch: Batch,
): Promise<BatchCounts> {
  let records = batch.records
  let rejects = batch.rejects
  let tables = batch.tables
  let way: 'direct' | 'staged' = writer.optimistic ? 'direct' : 'staged'
  const { first, cursor } = batch
  const place = {
    runId: run.id,
    first,
    last: cursor.record,
    behind: batch.behind === null ? null : JSON.stringify(batch.behind),
  }
  for (let tries = 1; ; tries += 1) {
    if (way === 'staged') await writer.prepareStages()
    try {
      return await transaction(connection, async () => {
        const seq = await fence(connection, run)
        const added = await writer.write(records, tables, { ...place, seq }, way)
        await insertRejects(connection, run.id, seq, rejects)
        const counts = {
          read: records.length + rejects.length,
          written: added,
          existing: records.length - added,
          rejected: rejects.length,
        }
        await checkpoint(connection, run.id, cursor, counts)
        return counts
      })
    } catch (error) {
      if (error instanceof RowFailure) {
        if (way === 'direct' && writer.tolerant && error.code === '23505') {
          way = 'staged'
          continue
        }
        tables = tables.map(({ columns }) => ({ columns, packed: null })) // the bytes are not of these records any more
        const attempt = (group: readonly PreparedRecord[], n: number) =>
          writer.write(group, tables, { ...place, seq: -n }, way)
        const refused = await isolate(connection, records, attempt)
        const numbers = new Set(refused.map(({ position }) => position.record))
        records = records.filter(({ position }) => !numbers.has(position.record))
        rejects = [...rejects, ...refused].toSorted((a, b) => a.position.record - b.position.record)
        if (refused.length > 0 || tries < RETRIES) continue
      } else if (isTransient(error) && tries < RETRIES) {
        await sleep(Math.random() * 20 * 2 ** tries)
        continue
      }
      throw error
    }
  }
}

const isTransient = (error: unknown): boolean =>
  error instanceof Interference || TRANSIENT.has(String((error as { code?: unknown }).code))

async function transaction<T>(connection: CopyConnection, work: () => Promise<T>): Promise<T> {
  await connection.query(`begin isolation level read committed; set local lock_timeout = '10s'`)
  try {
    const result = await work()
    await connection.query('commit')
    return result
  } catch (error) {
    await connection.query('rollback').catch(() => {}) // the connection may be what failed
    throw error
  }
}

async function fence(connection: CopyConnection, { id, epoch }: { id: string; epoch: number }): Promise<number> {
  const [row] = await connection.query(
    `update landfall.backfill_run set next_seq = next_seq + 1, heartbeat_at = clock_timestamp()
     where id = $1 and epoch = $2 and state = 'running' returning next_seq - 1 as seq`,
    [id, epoch],
  )
  if (row === undefined) throw new FenceLost()
  return Number(row['seq'])
}

const checkpoint = (connection: CopyConnection, id: string, cursor: Cursor, counts: BatchCounts) =>
  connection.query(
    `update landfall.backfill_run
     set cursor = $2, read = read + $3, written = written + $4, existing = existing + $5, rejected = rejected + $6 where id = $1`,
    [id, JSON.stringify(cursor), counts.read, counts.written, counts.existing, counts.rejected],
  )

async function insertRejects(
  connection: CopyConnection,
  runId: string,
  seq: number,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return
  const column = <T>(of: (reject: Reject) => T) => rejects.map(of)
  await connection.query(
    `insert into landfall.backfill_reject (run_id, seq, record, line, byte_offset, stage, code, reason, raw)
     select $1, $2, * from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[])`,
    [
      runId,
      seq,
      column(({ position }) => position.record),
      column(({ position }) => position.line),
      column(({ position }) => position.offset),
      column(({ stage }) => stage),
      column(({ code }) => code),
      column(({ reason }) => reason),
      column(({ raw }) => raw),
    ],
  )
}
