import type { Sql } from 'postgres'
import { LandfallError } from '../migrations/error.ts'
import type { Backfill, BackfillTable } from './define.ts'
import type { Encoding } from './encode.ts'
import { codecOf, type BinaryType, type Codec } from './binary/codecs.ts'
import { qualified } from './identifier.ts'

export interface TargetColumn extends Encoding {
  readonly name: string
  readonly hasDefault: boolean
  /** `generated`: computed by the database, cannot be written. */
  readonly generated: boolean
  /** Null where only the server knows the bytes of a value. */
  readonly codec: Codec | null
  /** The function that makes the bytes in the server, for a value of the type below domains, and that type. */
  readonly send: string
  readonly sent: string
}

/** A foreign key of another table (or of this one) that refers to the target. */
export interface Referrer {
  readonly schema: string
  readonly table: string
  readonly constraint: string
  readonly columns: readonly string[]
  readonly referencedColumns: readonly string[]
  /** `a` no action, `r` restrict, `c` cascade, `n` set null, `d` set default. */
  readonly onDelete: string
}

/** A table that a job writes, as the catalog has it. */
export interface Target {
  readonly schema: string
  readonly table: string
  /** `"schema"."table"`: for SQL, and the name of the target in the ledger. */
  readonly sql: string
  readonly columns: ReadonlyMap<string, TargetColumn>
  readonly key: readonly TargetColumn[]
  readonly referrers: readonly Referrer[]
  /** Names of enabled triggers that are not the server's own. */
  readonly triggers: readonly string[]
  /** Some of its constraints are checked at the commit. */
  readonly deferred: boolean
  /** Row-level security applies to the role of this connection: COPY is refused then. */
  readonly rowSecurity: boolean
  /** One heap: no partitions, no children. */
  readonly plain: boolean
}

/**
 * Looks up the tables of a job in `schema`.
 * @throws {LandfallError} `usage`: unknown table or key, or a key that is not unique
 */
export const readTargets = async (sql: Sql, schema: string, job: Backfill): Promise<Target[]> => {
  const targets: Target[] = []
  for (const table of job.tables) targets.push(await readTarget(sql, schema, table, job.name))
  return targets
}

/** What one question tells of a table. */
interface Relation extends Pick<Target, 'referrers' | 'triggers' | 'deferred' | 'rowSecurity' | 'plain'> {
  readonly columns: readonly (Omit<TargetColumn, 'codec'> & BinaryType)[]
  /** Keys that a foreign key could name. */
  readonly uniques: readonly { readonly primary: boolean; readonly columns: readonly string[] }[]
}

/** Looks up one table; `key: null` is its primary key. */
export async function readTarget(
  sql: Sql,
  schema: string,
  wanted: Omit<BackfillTable, 'map'>,
  job: string,
): Promise<Target> {
  const { table } = wanted
  const [relation] = await sql<Relation[]>`
    with recursive relation as (
      select c.oid, c.relkind = 'r' and not c.relhassubclass as plain, c.relhassubclass
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = ${schema} and c.relname = ${table} and c.relkind in ('r', 'p')
    ), base (attnum, type, kind, element, basetype, typmod) as (
      select a.attnum, a.atttypid, t.typtype, case when t.typcategory = 'A' then t.typelem else 0 end, t.typbasetype, a.atttypmod
      from relation r join pg_attribute a on a.attrelid = r.oid join pg_type t on t.oid = a.atttypid
      where a.attnum > 0 and not a.attisdropped
      union all
      select base.attnum, t.oid, t.typtype, case when t.typcategory = 'A' then t.typelem else 0 end, t.typbasetype,
        greatest(base.typmod, (select typtypmod from pg_type where oid = base.type))
      from base join pg_type t on t.oid = base.basetype where base.kind = 'd'
    )
    select row_security_active(r.oid) as "rowSecurity", r.plain,
      r.relhassubclass or exists (select from pg_trigger where tgrelid = r.oid and tginitdeferred) as deferred,
      to_json(array(select tgname from pg_trigger where tgrelid = r.oid and not tgisinternal and tgenabled <> 'D' order by 1)) as triggers,
      (select coalesce(json_agg(q), '[]') from (
        select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
          case when b.type in ('json'::regtype, 'jsonb'::regtype) then 'json' when b.element <> 0 then 'array' else 'plain' end as kind,
          case when b.element in ('json'::regtype, 'jsonb'::regtype) then 'json' else 'plain' end as element,
          a.atthasdef and a.attgenerated = '' as "hasDefault", a.attgenerated <> '' as generated,
          case when e.typtype = 'e' then 'enum' when e.typtype = 'b' and e.typnamespace = 'pg_catalog'::regnamespace then e.typname else '' end as base,
          b.typmod, case when b.element <> 0 then b.element::int8 end as "elementOid",
          (select format('%I.%I', n.nspname, p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = t.typsend) as send,
          format_type(b.type, b.typmod) as sent
        from base b join pg_attribute a on a.attrelid = r.oid and a.attnum = b.attnum
          join pg_type t on t.oid = b.type
          join pg_type e on e.oid = case when b.element <> 0 then b.element else b.type end
        where b.kind <> 'd' order by a.attnum) q) as columns,
      (select coalesce(json_agg(q), '[]') from (
        select i.indisprimary as primary,
          array(select a.attname from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k(attnum, n)
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by k.n) as columns
        from pg_index i
        where i.indrelid = r.oid and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
        order by i.indisprimary desc) q) as uniques,
      (select coalesce(json_agg(q), '[]') from (
        select n.nspname as schema, c.relname as table, f.conname as constraint, f.confdeltype as "onDelete",
          array(select a.attname from unnest(f.conkey) with ordinality k(attnum, i)
                join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum order by k.i) as columns,
          array(select a.attname from unnest(f.confkey) with ordinality k(attnum, i)
                join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum order by k.i) as "referencedColumns"
        from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
        where f.contype = 'f' and f.confrelid = r.oid and f.conparentid = 0 order by 1, 2, 3) q) as referrers
    from relation r`
  if (relation === undefined) throw await unknownTable(sql, schema, table, job)
  const { uniques, referrers, triggers, deferred, rowSecurity, plain } = relation
  const columns = new Map(
    relation.columns.map(({ base, typmod, elementOid, ...column }) => [
      column.name,
      { ...column, codec: codecOf({ base, typmod, elementOid }) },
    ]),
  )
  const key = wanted.key ?? uniques.find(({ primary }) => primary)?.columns
  const names = [...columns.keys()].join(', ')
  if (key === undefined)
    throw badKey(
      job,
      table,
      `${table} has no primary key`,
      `name a unique key in the job: key: [...]; the columns are ${names}`,
    )
  const missing = key.filter((name) => !columns.has(name))
  if (missing.length > 0)
    throw badKey(job, table, `${table} has no column ${missing.join(', ')}`, `its columns are ${names}`)
  if (!uniques.some((unique) => sameSet(unique.columns, key)))
    throw badKey(
      job,
      table,
      `no unique index of ${table} is on ${key.join(', ')}`,
      'add a unique constraint, or name the columns of one',
    )
  return {
    schema,
    table,
    sql: qualified(schema, table),
    columns,
    key: key.map((name) => columns.get(name)!),
    referrers,
    triggers,
    deferred,
    rowSecurity,
    plain,
  }
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

const badKey = (job: string, table: string, message: string, next: string): LandfallError =>
  new LandfallError('usage', 'backfills/bad-key', `backfill ${job}: ${message}`, { next, fields: { job, table } })

async function unknownTable(sql: Sql, schema: string, table: string, job: string): Promise<LandfallError> {
  const known = await sql<{ name: string }[]>`
    select c.relname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') order by 1`
  const tables = known.length === 0 ? 'it has no tables' : `its tables are ${known.map(({ name }) => name).join(', ')}`
  return new LandfallError(
    'usage',
    'backfills/unknown-table',
    `backfill ${job}: there is no table ${table} in schema ${schema}`,
    {
      next: `correct into, or run the migrations first (landfall migrate up); ${tables}`,
      fields: { job, table, schema },
    },
  )
}
