import type { Sql } from 'postgres'
import { identifier } from './identifier.ts'
import { recordEvent } from './audit.ts'
import type { Target } from './target.ts'

interface OwnedSequence {
  readonly column: string
  /** As SQL writes it. */
  readonly sequence: string
}

/** The sequences that give the columns of a target their values: of identity columns and of `serial` ones. */
export const sequencesOf = (sql: Sql, target: Target): Promise<OwnedSequence[]> => sql<OwnedSequence[]>`
  select a.attname::text as column, pg_get_serial_sequence(${target.sql}, a.attname) as sequence
  from pg_attribute a
  where a.attrelid = ${target.sql}::regclass and a.attnum > 0 and not a.attisdropped
    and pg_get_serial_sequence(${target.sql}, a.attname) is not null
  order by a.attnum`

/**
 * Moves sequences behind the values that a run brought along, so that the next row of the application gets one of its
 * own. They never go back; the event says where they were.
 */
export async function moveSequences(sql: Sql, runId: string, targets: readonly Target[]): Promise<void> {
  for (const target of targets) {
    for (const { column, sequence } of await sequencesOf(sql, target)) {
      const [state] = await sql.unsafe<{ last: string; greatest: string | null }[]>(
        `select (select last_value from ${sequence}) as last, (select max(${identifier(column)}) from ${target.sql}) as greatest`,
      )
      const { last, greatest } = state!
      if (greatest === null || BigInt(greatest) <= BigInt(last)) continue
      await sql`select setval(${sequence}::regclass, ${greatest}::bigint)`
      await recordEvent(sql, runId, 'sequence', { sequence, from: last, to: greatest })
    }
  }
}
