import type { ISql } from 'postgres'
import type { FixtureRows } from './generate.ts'

const MOST = 200

/** The first rows of some tables of a schema, as the rows of a proof's states before: what the system's own data looks like. */
export async function readFixtureRows(sql: ISql, schema: string, tables: readonly string[]): Promise<FixtureRows> {
  if (tables.length === 0) return new Map()
  const known = await sql<{ qualified: string }[]>`
    select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as qualified
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and c.relname = any(${[...tables]})`
  const rows = new Map<string, readonly string[]>()
  for (const { qualified } of known) {
    const own = await sql.unsafe<{ row: string }[]>(
      `select to_jsonb(landfall_row)::text as row from ${qualified} as landfall_row limit ${MOST}`,
    )
    if (own.length > 0)
      rows.set(
        qualified,
        own.map(({ row }) => row),
      )
  }
  return rows
}

/** The rows of `all` that are not among `others`: what jobs brought, without what migrations inserted. */
export const withoutRows = (all: FixtureRows, others: FixtureRows): FixtureRows =>
  new Map([...all].map(([table, rows]) => [table, rows.filter((row) => !others.get(table)?.includes(row))]))
