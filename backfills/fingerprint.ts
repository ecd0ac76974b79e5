import type { Sql } from 'postgres'
import type { Target } from './target.ts'

/** What a table holds, in any order of its rows: their number and two independent 64-bit sums. */
export async function tableFingerprint(sql: Sql, { sql: table }: { readonly sql: string }): Promise<string> {
  const [row] = await sql.unsafe<{ fingerprint: string }[]>(`
    select concat_ws(':', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0), coalesce(sum(hashtextextended(t::text, 1)), 0)) as fingerprint
    from ${table} t`)
  return row!.fingerprint
}

/** What a run left in a table, whatever the order of its batches. */
export interface WrittenFingerprint {
  readonly table: string
  readonly inserted: number
  readonly updated: number
  /** The sum over all these rows of a 64-bit hash of their key and of the columns that the run answers for. */
  readonly sum: string
}

/** Puts on record what a run wrote, by its journal: that is not kept for ever. */
export async function recordFingerprints(sql: Sql, runId: string, targets: readonly Target[]): Promise<void> {
  const found: WrittenFingerprint[] = []
  for (const target of targets) {
    const [row] = await sql<{ inserted: string; updated: string; sum: string }[]>`
      select coalesce(sum(n) filter (where op = 'insert'), 0) as inserted, coalesce(sum(n) filter (where op = 'update'), 0) as updated,
        coalesce(sum(fingerprint), 0) as sum
      from landfall.backfill_batch where run_id = ${runId} and target = ${target.sql} and undone_at is null`
    found.push({
      table: target.table,
      inserted: Number(row!.inserted),
      updated: Number(row!.updated),
      sum: row!.sum,
    })
  }
  await sql`update landfall.backfill_run set fingerprints = ${sql.json(found as never)} where id = ${runId}`
}
