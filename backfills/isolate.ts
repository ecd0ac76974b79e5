import type { CopyConnection } from './copy-connection.ts'
import { rawText, type PreparedRecord, type Reject } from './record.ts'
import { RowFailure } from './row-failure.ts'

/** Writes some records, as `Writer.write` does. */
type Attempt = (records: readonly PreparedRecord[], attempt: number) => Promise<unknown>

const FOREIGN_KEY = '23503'

/**
 * Finds the records of a failing batch that the database refuses, by trying: at the line that the server names,
 * else by halves. Everything happens in one transaction that is rolled back, so that savepoints leave no mark on
 * the rows that are written in the end.
 */
export async function isolate(
  connection: CopyConnection,
  records: readonly PreparedRecord[],
  write: Attempt,
  access: 'read write' | 'read only' = 'read write',
): Promise<Reject[]> {
  const refused = new Map<PreparedRecord, RowFailure>()
  let attempts = 0

  const tried = async (group: readonly PreparedRecord[]): Promise<RowFailure | null> => {
    await connection.query('savepoint landfall_attempt')
    try {
      await write(group, (attempts += 1))
      await connection.query('release savepoint landfall_attempt')
      return null
    } catch (error) {
      if (!(error instanceof RowFailure)) throw error
      await connection.query('rollback to savepoint landfall_attempt')
      return error
    }
  }
  const search = async (group: readonly PreparedRecord[]): Promise<void> => {
    if (group.length === 0) return
    const failure = await tried(group)
    if (failure === null) return
    const bad = group.length === 1 ? 0 : failure.record
    const middle = bad ?? Math.ceil(group.length / 2)
    await search(group.slice(0, middle))
    if (bad !== null) refused.set(group[bad]!, failure)
    await search(group.slice(bad === null ? middle : bad + 1))
  }

  await connection.query(`begin ${access}`)
  try {
    await search(records)
    // A record may refer to one that follows it: what failed for its reference alone gets another chance beside the
    // others.
    for (let progress = true; progress;) {
      progress = false
      for (const [record, failure] of refused)
        if (failure.code === FOREIGN_KEY && (await tried([record])) === null) progress = refused.delete(record)
    }
  } finally {
    await connection.query('rollback')
  }
  return [...refused].map(([{ position, raw }, { code, message }]) => ({
    position,
    stage: 'database',
    code,
    reason: message,
    raw: rawText(raw),
  }))
}
