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

/** What became of the records of a batch; `rejects` are those of parsing and validation, and the database's. */
export interface BatchOutcome {
  readonly records: readonly PreparedRecord[]
  /** Records of which a row is new. */
  readonly added: number
  readonly rejects: readonly Reject[]
}

/** What a batch is committed with. Both are called inside its transaction. */
export interface BatchLedger {
  readonly runId: string
  /**
   * Makes sure that the run is this process's to write; answers the number of the batch.
   * @throws {FenceLost}
   */
  fence(connection: CopyConnection): Promise<number>
  record(connection: CopyConnection, seq: number, outcome: BatchOutcome): Promise<void>
}

/** The run is no longer this process's to write: paused, cancelled, or taken over. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost'
}

/** The run was asked to stop while the batch could not be committed at once: nothing of it is there. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp'
}

const RETRIES = 8
/** Serialization, deadlock, a lock that was not to be had; and a statement that somebody cancelled, to pause the run perhaps. */
const TRANSIENT: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014'])

/**
 * Commits a batch: fence, data, journal, rejects and checkpoint in one transaction. Records that the database
 * refuses become rejects of the same batch; what a concurrent writer disturbs is tried again, unless the run is to stop.
 * @throws {FenceLost}
 * @throws {GivenUp}
 */
export async function commitBatch(
  connection: CopyConnection,
  writer: Writer,
  ledger: BatchLedger,
  batch: Batch,
  signal: AbortSignal,
): Promise<BatchOutcome> {
  let [{ records, rejects, tables }, tries] = [batch, 0]
  let way: 'direct' | 'staged' = writer.optimistic ? 'direct' : 'staged'
  const place = {
    runId: ledger.runId,
    first: batch.first,
    last: batch.cursor.record,
    behind: batch.behind === null ? null : JSON.stringify(batch.behind),
  }
  const write = (): Promise<BatchOutcome> =>
    transaction(connection, async () => {
      const seq = await ledger.fence(connection)
      const added = await writer.write(records, tables, { ...place, seq }, way)
      await ledger.record(connection, seq, { records, added, rejects })
      return { records, added, rejects }
    })
  /** Finds the records that are at fault; answers whether there were any. */
  const isolated = async (): Promise<boolean> => {
    tables = tables.map(({ columns }) => ({ columns, packed: null })) // the bytes are not of these records any more
    const refused = await isolate(connection, records, (group, n) =>
      writer.write(group, tables, { ...place, seq: -n }, way),
    )
    const numbers = new Set(refused.map(({ position }) => position.record))
    records = records.filter(({ position }) => !numbers.has(position.record))
    rejects = [...rejects, ...refused].toSorted((a, b) => a.position.record - b.position.record)
    return refused.length > 0
  }
  for (;;) {
    try {
      if (way === 'staged') await writer.prepareStages()
      return await write()
    } catch (error) {
      const failure = error instanceof RowFailure ? error : null
      if (failure !== null && way === 'direct' && writer.tolerant) {
        // a row that exists is no fault there
        way = 'staged'
        continue
      }
      tries += 1
      try {
        if (failure !== null && (await isolated())) continue
        if (failure === null && !isTransient(error)) throw error
      } catch (problem) {
        if (!isTransient(problem)) throw problem
      }
      if (tries >= RETRIES) throw error
      if (signal.aborted) throw new GivenUp()
      await sleep(Math.random() * 20 * 2 ** tries)
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
