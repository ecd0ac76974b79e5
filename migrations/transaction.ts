import type { Sql } from 'postgres'
import { isConnectionError } from './execute.ts'

/**
 * Runs `work` in a transaction of a connection that stands alone and is never renewed. (`sql.begin` sends its ROLLBACK to a
 * connection that was cut as well, which ends the process.)
 */
export async function transaction(
  sql: Sql,
  work: () => Promise<void>,
  kind: 'begin' | 'begin read only' = 'begin',
): Promise<void> {
  await sql.unsafe(kind)
  try {
    await work()
  } catch (error) {
    if (!isConnectionError(error)) await sql.unsafe('rollback')
    throw error
  }
  await sql.unsafe('commit')
}
