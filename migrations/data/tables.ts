import type { ISql } from 'postgres'

/** A type as rows need to know it: unwrapped step by step, by the ids of one reading. */
export interface ValueType {
  readonly id: string
  /** `pg_type.typname`: `int8`, `mood`. */
  readonly name: string
  /** b(ase), e(num), d(omain), c(omposite), r(ange), m(ultirange). */
  readonly kind: string
  /** Of an array's element, a domain's base or a range's subtype; null otherwise. */
  readonly of: string | null
  readonly array: boolean
  /** Of a domain alone. */
  readonly notNull: boolean
  /** Type modifier of a domain's base, as `atttypmod`. */
  readonly modifier: number
  readonly labels: readonly string[]
  readonly attributes: readonly { readonly type: string; readonly modifier: number }[]
  /** Expressions of a domain's checks, over VALUE. */
  readonly checks: readonly string[]
}

export interface FillableColumn {
  readonly name: string
  /** The name quoted as needed. */
  readonly quoted: string
  /** The id of its type. */
  readonly type: string
  /** `format_type` with the modifier: `numeric(10,2)`. */
  readonly declared: string
  /** `atttypmod`, -1 for none. */
  readonly modifier: number
  /** On the column, or on a domain of its type. */
  readonly notNull: boolean
  /** The server makes the value: identity, or a default taken from a sequence. */
  readonly numbered: boolean
}

export interface Reference {
  readonly columns: readonly string[]
  readonly table: string
  readonly referenced: readonly string[]
}

/** A table of some state of a database: what its rows must satisfy. Generated columns are left out. */
export interface FillableTable {
  readonly schema: string
  readonly name: string
  /** `schema.table`, quoted as needed: as the catalog names it. */
  readonly qualified: string
  /** Rows go into the partitions of a partitioned table, never into itself. */
  readonly partitioned: boolean
  /** The partitioned table that it is a part of. */
  readonly parent: string | null
  /** Row-level security holds for the owner too. */
  readonly forced: boolean
  readonly columns: readonly FillableColumn[]
  /** Check constraints and the bounds of a partition, as expressions. */
  readonly checks: readonly { readonly name: string; readonly expression: string }[]
  /** Columns of primary keys, unique constraints and unique indexes; expressions are left out. */
  readonly uniques: readonly (readonly string[])[]
  readonly references: readonly Reference[]
}

export interface Tables {
  readonly tables: readonly FillableTable[]
  readonly types: ReadonlyMap<string, ValueType>
}

/** Reads what the rows of every table of the connected database must satisfy. */
export async function readTables(sql: ISql): Promise<Tables> {
  const tables = await sql<FillableTable[]>`
    select n.nspname as schema, c.relname as name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as qualified,
      c.relkind = 'p' as partitioned, c.relrowsecurity and c.relforcerowsecurity and pg_has_role(c.relowner, 'usage') as forced,
      (select quote_ident(pn.nspname) || '.' || quote_ident(p.relname) from pg_inherits i join pg_class p on p.oid = i.inhparent
       join pg_namespace pn on pn.oid = p.relnamespace where i.inhrelid = c.oid and c.relispartition limit 1) as parent,
      (select coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'quoted', quote_ident(a.attname), 'type', a.atttypid::text,
         'declared', format_type(a.atttypid, a.atttypmod), 'modifier', a.atttypmod,
         'notNull', a.attnotnull, 'numbered', a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false))
         order by a.attnum), '[]')
       from pg_attribute a left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select coalesce(jsonb_agg(jsonb_build_object('name', k.name, 'expression', k.expression) order by k.name), '[]')
       from (select conname::text as name, pg_get_expr(conbin, conrelid) as expression from pg_constraint where conrelid = c.oid and contype = 'c'
             union all select 'the bounds of the partition', pg_get_partition_constraintdef(c.oid) where c.relispartition) k
       where k.expression is not null) as checks,
      (select coalesce(jsonb_agg(u.columns), '[]') from (
         select (select jsonb_agg(a.attname order by k.i) from unnest(x.indkey::int2[]) with ordinality k(num, i)
                 join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num where k.i <= x.indnkeyatts) as columns
         from pg_index x where x.indrelid = c.oid and x.indisunique) u where u.columns is not null) as uniques,
      (select coalesce(jsonb_agg(jsonb_build_object(
         'columns', (select jsonb_agg(a.attname order by u.i) from unnest(k.conkey) with ordinality u(num, i)
                     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.num),
         'table', (select quote_ident(fn.nspname) || '.' || quote_ident(f.relname) from pg_class f join pg_namespace fn on fn.oid = f.relnamespace where f.oid = k.confrelid),
         'referenced', (select jsonb_agg(a.attname order by u.i) from unnest(k.confkey) with ordinality u(num, i)
                     join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.num)) order by k.conname), '[]')
       from pg_constraint k left join pg_constraint whole on whole.oid = k.conparentid
       where k.conrelid = c.oid and k.contype = 'f' and whole.conrelid is distinct from k.conrelid) as references
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
      and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
    order by (quote_ident(n.nspname) || '.' || quote_ident(c.relname)) collate "C"`
  const types = tables.length === 0 ? new Map<string, ValueType>() : await readTypes(sql, tables)
  const required = (id: string | null): boolean => {
    const type = id === null ? undefined : types.get(id)
    return type?.kind === 'd' && (type.notNull || required(type.of))
  }
  const columnsOf = ({ columns }: FillableTable): FillableColumn[] =>
    columns.map((column) => ({ ...column, notNull: column.notNull || required(column.type) }))
  return { tables: tables.map((table) => ({ ...table, columns: columnsOf(table) })), types }
}

async function readTypes(sql: ISql, tables: readonly FillableTable[]): Promise<Map<string, ValueType>> {
  const used = [...new Set(tables.flatMap(({ columns }) => columns.map(({ type }) => type)))]
  const rows = await sql<ValueType[]>`
    with recursive part(oid, of) as (
      select oid, case when typcategory = 'A' and typelem <> 0 and typtype = 'b' then typelem when typtype = 'd' then typbasetype
        when typtype in ('r', 'm') then (select rngsubtype from pg_range where pg_type.oid in (rngtypid, rngmultitypid)) end
      from pg_type
    ), need(oid) as (
      select unnest(${used}::oid[])
      union select step.oid from need join lateral (
        select of from part where part.oid = need.oid and of is not null
        union all select a.atttypid from pg_type t join pg_attribute a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
        where t.oid = need.oid and t.typtype = 'c') step(oid) on true
    )
    select t.oid::text as id, t.typname as name, t.typnotnull as "notNull", t.typtype as kind, p.of::text as of,
      t.typcategory = 'A' and t.typelem <> 0 and t.typtype = 'b' as array, t.typtypmod as modifier,
      array(select enumlabel::text from pg_enum where enumtypid = t.oid order by enumsortorder) as labels,
      (select coalesce(jsonb_agg(jsonb_build_object('type', a.atttypid::text, 'modifier', a.atttypmod) order by a.attnum), '[]')
       from pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) as attributes,
      array(select pg_get_expr(conbin, 0) from pg_constraint where contypid = t.oid and contype = 'c' order by conname) as checks
    from need join pg_type t on t.oid = need.oid join part p on p.oid = t.oid`
  return new Map(rows.map((row) => [row.id, row]))
}
