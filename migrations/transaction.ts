import type { Sql } from 'postgres'
import { isConnectionError } from './execute.ts'

/**
 * Runs `work` in a transaction of a connection that stands alone and is never renewed; `after` is sent together with the
 * COMMIT. (`sql.begin` sends its ROLLBACK to a connection that was cut as well, which ends the process.)
 */
export async function transaction(
  sql: Sql,
  work: () => Promise<void>,
  { readOnly = false, after = async () => {} }: { readOnly?: boolean; after?: () => Promise<void> } = {},
): Promise<void> {
  const begun = sql.unsafe(readOnly ? 'begin read only' : 'begin').execute()
  try {
    await Promise.all([begun, work()])
  } catch (error) {
    if (!isConnectionError(error)) await sql.unsafe('rollback')
    throw error
  }
  await Promise.all([sql.unsafe('commit'), after()])
}
