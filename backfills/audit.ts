import type { Sql } from 'postgres'

/** Who works on a run, and what for. */
export interface Operator {
  /** Null: the user of the database session. */
  readonly actor: string | null
  readonly why: string | null
}

/** The code that a run was started from. */
export interface Code {
  /** sha256 of the file of the job, hexadecimal. */
  readonly hash: string
  /** The git commit, with `+` when something was not committed; null outside of a repository. */
  readonly commit: string | null
}

export const NOBODY: Operator = { actor: null, why: null }

export async function recordEvent(
  sql: Sql,
  id: string,
  kind: string,
  data: Record<string, unknown> = {},
  { actor, why }: Operator = NOBODY,
): Promise<void> {
  await sql`
    insert into landfall.backfill_event (run_id, kind, data, actor, why)
    values (${id}, ${kind}, ${sql.json(data as never)}, coalesce(${actor}, session_user), ${why})`
}
