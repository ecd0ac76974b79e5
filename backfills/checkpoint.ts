import { FenceLost, type BatchLedger, type BatchOutcome } from './batch.ts'
import type { CopyConnection } from './copy-connection.ts'
import type { Reject } from './record.ts'
import type { Cursor } from './sources/source.ts'

export interface BatchCounts {
  readonly read: number
  readonly written: number
  readonly existing: number
  readonly rejected: number
}

export const countsOf = ({ records, added, rejects }: BatchOutcome): BatchCounts => ({
  read: records.length + rejects.length,
  written: added,
  existing: records.length - added,
  rejected: rejects.length,
})

/** What a batch of a run commits beside its data: its rejects, the counters, and where the next one begins. */
export const checkpoint = (run: { readonly id: string; readonly epoch: number }, cursor: Cursor): BatchLedger => ({
  runId: run.id,
  async fence(connection) {
    const [row] = await connection.query(
      `update landfall.backfill_run set next_seq = next_seq + 1, heartbeat_at = clock_timestamp()
       where id = $1 and epoch = $2 and state = 'running' returning next_seq - 1 as seq`,
      [run.id, run.epoch],
    )
    if (row === undefined) throw new FenceLost()
    return Number(row['seq'])
  },
  async record(connection, seq, outcome) {
    const { read, written, existing, rejected } = countsOf(outcome)
    await insertRejects(connection, run.id, seq, outcome.rejects)
    await connection.query(
      `update landfall.backfill_run
       set cursor = $2, read = read + $3, written = written + $4, existing = existing + $5, rejected = rejected + $6 where id = $1`,
      [run.id, JSON.stringify(cursor), read, written, existing, rejected],
    )
  },
})

/** Puts the rejects of a batch on record. */
export async function insertRejects(
  connection: CopyConnection,
  runId: string,
  seq: number,
  rejects: readonly Reject[],
): Promise<void> {
  if (rejects.length === 0) return
  const column = <T>(of: (reject: Reject) => T) => rejects.map(of)
  await connection.query(
    `insert into landfall.backfill_reject (run_id, seq, record, line, byte_offset, stage, code, reason, raw, keys)
     select $1, $2, r.record, r.line, r.byte_offset, r.stage, r.code, r.reason, r.raw,
       (select array_agg(k order by n) from jsonb_array_elements_text(r.keys) with ordinality k(k, n))
     from unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[])
       r(record, line, byte_offset, stage, code, reason, raw, keys)`,
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
      column(({ position }) => keysOf(position)),
    ],
  )
}

/** Of a row of a table: the texts of its key, as JSON. */
const keysOf = (position: Cursor): string | null =>
  position.keys?.after == null ? null : JSON.stringify(position.keys.after)
