import type { ISql } from 'postgres'
import { unforced } from './row-security.ts'

/** The rows of one table as text that is equal for equal values. Generated columns are left out: they follow from the others. */
export interface TableRows {
  readonly columns: readonly string[]
  /** Columns of the primary key; none without one. */
  readonly key: readonly string[]
  /** Values by position of the column; null for a table with more rows than are compared one by one. */
  readonly rows: readonly (readonly (string | null)[])[] | null
  readonly count: number
  /** Of a long table: one fingerprint a column, whatever the order of the rows. */
  readonly fingerprints: readonly string[] | null
}

/** Table, as the catalog names it → its rows. */
export type Snapshot = ReadonlyMap<string, TableRows>

interface Shape {
  readonly qualified: string
  readonly source: string
  readonly forced: boolean
  readonly columns: readonly string[]
  readonly texts: readonly string[]
  readonly key: readonly string[]
}

/** Tables with more rows are compared by fingerprint. */
const COMPARED_ROWS = 1000
const TABLES_A_QUERY = 100

/** The rows of all tables that the role may read; partitions are read through the table that they are parts of. */
export async function takeSnapshot(sql: ISql, only?: ReadonlySet<string>): Promise<Snapshot> {
  const shapes = (await readShapes(sql)).filter(({ qualified }) => only === undefined || only.has(qualified))
  const forced = shapes.filter((shape) => shape.forced).map(({ qualified }) => qualified)
  return unforced(sql, forced, async () => {
    const rows = new Map<Shape, (string | null)[][]>(shapes.map((shape) => [shape, []]))
    for (let at = 0; at < shapes.length; at += TABLES_A_QUERY) {
      const some = shapes.slice(at, at + TABLES_A_QUERY)
      const parts = some.map(
        ({ texts, source }, n) =>
          `(select ${n} as n, to_jsonb(array[${texts.join(', ')}]::text[]) as row from ${source} as landfall_row limit ${COMPARED_ROWS + 1})`,
      )
      for (const { n, row } of await sql.unsafe<{ n: number; row: (string | null)[] }[]>(parts.join(' union all ')))
        rows.get(some[n]!)!.push(row)
    }
    const snapshot = new Map<string, TableRows>()
    for (const [shape, own] of rows) {
      const { columns, key } = shape
      snapshot.set(
        shape.qualified,
        own.length <= COMPARED_ROWS
          ? { columns, key, rows: own, count: own.length, fingerprints: null }
          : await fingerprinted(sql, shape),
      )
    }
    return snapshot
  })
}

const readShapes = (sql: ISql) => sql<Shape[]>`
  select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as qualified,
    case c.relkind when 'r' then 'only ' else '' end || quote_ident(n.nspname) || '.' || quote_ident(c.relname) as source,
    c.relrowsecurity and c.relforcerowsecurity and pg_has_role(c.relowner, 'usage') as forced,
    array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
    array(select case a.atttypid when 'json'::regtype then format('landfall_row.%I::jsonb::text', a.attname)
            when 'timestamptz'::regtype then format('(landfall_row.%I at time zone ''UTC'')::text', a.attname)
            when 'numeric'::regtype then format('trim_scale(landfall_row.%I)::text', a.attname) else format('landfall_row.%I::text', a.attname) end
          from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as texts,
    array(select a.attname::text from pg_index x cross join unnest(x.indkey::int2[]) with ordinality k(num, i)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num where x.indrelid = c.oid and x.indisprimary and k.i <= x.indnkeyatts order by k.i) as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    and has_table_privilege(c.oid, 'select')
    and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
  order by (quote_ident(n.nspname) || '.' || quote_ident(c.relname)) collate "C"`

async function fingerprinted(sql: ISql, { columns, key, texts, source }: Shape): Promise<TableRows> {
  const sums = texts.map((text) => `sum(('x' || left(md5(coalesce('=' || ${text}, '')), 15))::bit(60)::bigint)::text`)
  const [row] = await sql.unsafe<{ count: number; sums: string[] }[]>(
    `select count(*)::int as count, array[${sums.join(', ')}]::text[] as sums from ${source} as landfall_row`,
  )
  return { columns, key, rows: null, count: row!.count, fingerprints: row!.sums }
}
