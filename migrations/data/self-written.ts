import type { Sql } from 'postgres'
import { isConnectionError } from '../connection-error.ts'
import { transaction } from '../transaction.ts'
import { lossesBetween, type SelfWritten } from './losses.ts'
import { takeSnapshot } from './snapshot.ts'

/**
 * Columns that change when a row is updated to what it is, as `updated_at` does under a trigger: found by trying it.
 * A migration that updates rows changes them too, and loses nothing by it. Everything is rolled back.
 */
export async function selfWrittenColumns(sql: Sql, only: ReadonlySet<string>): Promise<SelfWritten> {
  const written = new Map<string, Set<string>>()
  const triggered = await sql<{ table: string; column: string }[]>`
    select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as table,
      (select quote_ident(attname) from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' and attidentity <> 'a'
       order by attnum limit 1) as column
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where exists (select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgtype & 16 <> 0)`
  const tables = triggered.filter(({ table, column }) => only.has(table) && column !== null)
  const rolledBack = new Error('the update is rolled back')
  for (const { table, column } of tables) {
    await transaction(sql, async (tx) => {
      const before = await takeSnapshot(tx, only)
      await tx.unsafe(`update ${table} set ${column} = ${column}`)
      for (const loss of lossesBetween(before, await takeSnapshot(tx, only)))
        if (loss.column !== null) written.set(loss.table, (written.get(loss.table) ?? new Set()).add(loss.column))
      throw rolledBack
    }).catch((error: unknown) => {
      if (isConnectionError(error)) throw error
      // A trigger that refuses the update writes nothing.
    })
  }
  return written
}
