import type { Sql } from 'postgres'

/** What a table holds, in any order of its rows: their number and two independent 64-bit sums. */
export async function tableFingerprint(sql: Sql, { sql: table }: { readonly sql: string }): Promise<string> {
  const [row] = await sql.unsafe<{ fingerprint: string }[]>(`
    select concat_ws(':', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0), coalesce(sum(hashtextextended(t::text, 1)), 0)) as fingerprint
    from ${table} t`)
  return row!.fingerprint
}
