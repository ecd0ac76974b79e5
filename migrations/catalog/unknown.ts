import type { ISql } from 'postgres'

/** Objects that no kind of the reader covers. */
export interface UnknownObjects {
  /** The catalog that has them, with what tells them apart: `pg_class (relkind g)`. */
  readonly catalog: string
  readonly count: number
}

/** Catalogs that the kinds read, and the values of the column that tells kinds apart; null where the whole catalog is one kind. */
const READ: Readonly<Record<string, { column: string; values: readonly string[] } | null>> = {
  pg_class: { column: 'relkind', values: ['r', 'p', 'v', 'm', 'f', 'i', 'I', 'S', 'c', 't'] },
  pg_type: { column: 'typtype', values: ['b', 'c', 'd', 'e', 'p', 'r', 'm'] },
  pg_proc: { column: 'prokind', values: ['f', 'p', 'w', 'a'] },
  pg_constraint: { column: 'contype', values: ['p', 'u', 'f', 'c', 'x', 'n', 't'] },
  pg_default_acl: { column: 'defaclobjtype', values: ['r', 'S', 'f', 'T', 'n', 'L'] },
  ...Object.fromEntries(
    [
      'am attrdef amop amproc cast collation conversion enum event_trigger extension foreign_data_wrapper foreign_server',
      'language namespace opclass operator opfamily policy publication publication_namespace publication_rel rewrite',
      'statistic_ext subscription transform trigger ts_config ts_dict ts_parser ts_template',
    ]
      .join(' ')
      .split(' ')
      .map((name) => [`pg_${name}`, null]),
  ),
  // Read through views that hide their secrets.
  pg_user_mapping: null,
}

/** Catalogs of the whole server: roles are read, the rest belongs to its administrator. */
const SHARED = 'select oid from pg_class where relisshared'

/**
 * Counts what users made, extensions' own objects left out, in every catalog of the connected server that no kind
 * reads: large objects, security labels, and whatever a later version of PostgreSQL brings.
 */
export async function unknownObjects(sql: ISql): Promise<UnknownObjects[]> {
  const catalogs = await sql<{ catalog: string }[]>`
    select c.relname as catalog from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'oid'
    where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and c.oid not in (${sql.unsafe(SHARED)})
      and has_table_privilege(c.oid, 'select')
    order by 1`
  const parts = catalogs
    .filter(({ catalog }) => READ[catalog] !== null)
    .map(({ catalog }) => {
      const { column, values } = READ[catalog] ?? { column: null, values: [] }
      const known = values.map((value) => `'${value}'`).join(', ')
      const label = column === null ? `'${catalog}'` : `'${catalog} (${column} ' || o.${column}::text || ')'`
      return `select ${label} as catalog, o.oid from ${catalog} o where o.oid >= 16384
        ${column === null ? '' : `and o.${column} not in (${known})`}
        and not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = o.oid and e.deptype in ('e', 'i'))`
    })
  return await sql.unsafe<UnknownObjects[]>(
    `select catalog, count(*)::integer as count from (${parts.join(' union all ')}
      union all select 'pg_seclabel', objoid from pg_seclabel) o group by 1 order by 1`,
  )
}
