import type { Sql } from 'postgres'
import type { DumpColumn, DumpTable } from './format.ts'

/** What a dump needs to know of a table in PostgreSQL. */
export interface PostgresTable extends DumpTable {
  /** `"schema"."table"`. */
  readonly sql: string
  readonly columns: readonly PostgresColumn[]
  /** The primary key; empty without one. */
  readonly key: readonly string[]
  /** Rows are those of its partitions. */
  readonly partitioned: boolean
  /** Row-level security decides which rows this connection sees. */
  readonly rowSecurity: boolean
  readonly foreignKeys: readonly ForeignKey[]
  /** Those of the team that fire: name → `O`, `R` or `A`, as `pg_trigger` has it. */
  readonly triggers: Readonly<Record<string, string>>
  /** The sequences that give its columns their values: column → name, as SQL writes it. */
  readonly sequences: Readonly<Record<string, string>>
}

export interface PostgresColumn extends DumpColumn {
  /** A number or a truth value, which JSON has a word for; or a text that a cast would strip of its blanks. */
  readonly plain: boolean
}

export interface ForeignKey {
  readonly name: string
  /** Of this schema; null for a table elsewhere. */
  readonly table: string | null
  readonly deferrable: boolean
}

/** The tables of a schema; without partitions, which are read through their parent, and without those of extensions. */
export async function readPostgresTables(sql: Sql, schema: string): Promise<PostgresTable[]> {
  const tables = await sql<(Omit<PostgresTable, 'refersTo'> & { foreignKeys: ForeignKey[] })[]>`
    select c.relname as name, format('%I.%I', n.nspname, c.relname) as sql, c.relkind = 'p' as partitioned,
      row_security_active(c.oid) as "rowSecurity",
      array(select a.attname::text from pg_index i, unnest(i.indkey) with ordinality k(attnum, n), pg_attribute a
            where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.attnum order by k.n) as key,
      (select coalesce(json_agg(json_build_object(
           'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'json', base.typname in ('json', 'jsonb'),
           'plain', base.typname in ('bool', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'bpchar')) order by a.attnum), '[]')
         from pg_attribute a cross join lateral (
           with recursive types as (
             select oid, typbasetype, typname, typnamespace from pg_type where oid = a.atttypid
             union all select t.oid, t.typbasetype, t.typname, t.typnamespace from pg_type t join types on t.oid = types.typbasetype)
           select case when typnamespace = 'pg_catalog'::regnamespace then typname end as typname from types where typbasetype = 0) base
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select coalesce(json_agg(json_build_object('name', k.conname, 'deferrable', k.condeferrable,
           'table', case when r.relnamespace = c.relnamespace then r.relname end) order by k.conname), '[]')
         from pg_constraint k join pg_class r on r.oid = k.confrelid
         where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0) as "foreignKeys",
      (select coalesce(json_object_agg(t.tgname, t.tgenabled), '{}') from pg_trigger t
         where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D') as triggers,
      (select coalesce(json_object_agg(a.attname, s.name), '{}') from pg_attribute a
         cross join lateral (select pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) as name) s
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and s.name is not null) as sequences
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and not c.relispartition
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    order by c.relname collate "C"`
  return tables.map((table) => ({
    ...table,
    refersTo: table.foreignKeys.flatMap((key) => (key.table === null ? [] : [key.table])),
  }))
}

/**
 * How values are written as text, and read: the same whatever the database, its users or its clients have set. For the
 * transaction alone.
 */
export const settleText = (sql: Sql): Promise<unknown> =>
  sql.unsafe(`
    set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
    set local extra_float_digits = 3; set local bytea_output = 'hex'; set local lc_monetary = 'C';
    set local xmloption = 'content'; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`)
