import type { ISql, Sql } from 'postgres'
import { isConnectionError } from './connection-error.ts'

export interface TransactionOptions {
  /** What stands behind BEGIN: `read only`. */
  readonly mode?: string
  /** Sent together with the COMMIT. */
  readonly after?: () => Promise<void>
}

/**
 * Runs `work` in a transaction and commits what it did, or rolls it back and throws what it threw. A connection that was
 * cut gets no ROLLBACK any more: `sql.begin` sends it one, and ends the process by it.
 */
export async function transaction<T>(
  sql: Sql,
  work: (tx: Sql) => Promise<T>,
  { mode = '', after = async () => {} }: TransactionOptions = {},
): Promise<T> {
  if (sql.options.max === 1) return within(sql, work, mode, after)
  const reserved = await sql.reserve()
  let lost = false
  try {
    return await within(reserved, work, mode, after)
  } catch (error) {
    lost = isConnectionError(error)
    throw error
  } finally {
    if (!lost) reserved.release()
  }
}

async function within<T>(tx: Sql, work: (tx: Sql) => Promise<T>, mode: string, after: () => Promise<void>): Promise<T> {
  const begun = tx.unsafe(`begin ${mode}`).execute()
  let result: T
  try {
    ;[, result] = await Promise.all([begun, work(tx)])
  } catch (error) {
    if (!isConnectionError(error)) await tx.unsafe('rollback')
    throw error
  }
  await Promise.all([tx.unsafe('commit'), after()])
  return result
}

/** Runs `work` within a transaction; what it did is taken back when it throws, and the transaction goes on. */
export async function savepoint<T>(tx: ISql, work: () => Promise<T>): Promise<T> {
  await tx.unsafe('savepoint landfall')
  let result: T
  try {
    result = await work()
  } catch (error) {
    if (!isConnectionError(error)) await tx.unsafe('rollback to savepoint landfall; release savepoint landfall')
    throw error
  }
  await tx.unsafe('release savepoint landfall')
  return result
}
