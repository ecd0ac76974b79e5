import type { ISql, Sql } from 'postgres'
import { kinds, unitClassOf, unitsQuery } from './query.ts'
import { objectOf, prepared, readState, type CatalogRow } from './read.ts'
import { withUnits, type CatalogState } from './state.ts'

/** The beginning of a transaction: what it changes can be told from what was there. */
export interface Mark extends Written {
  /** The transaction's number; its savepoints have higher ones. */
  readonly xid: string
}

/** Rows that a session wrote to each catalog, one number a catalog; null when the server keeps no such statistics. */
interface Written {
  /** New ones, and new versions. */
  readonly made: readonly number[] | null
  /** Removed ones, and old versions. */
  readonly unmade: readonly number[]
}

/**
 * Reads a catalog again within a transaction, but only what the transaction changed. Three things say what that is:
 * the session's own statistics name the catalogs that it wrote to; in those, new and altered rows bear its number as
 * `xmin`; and a second session, which does not see the transaction, finds the rows that it altered or removed by their
 * `xmax`. What depends on a changed object may print its name, and is read again too. A change of which nobody says
 * below what it is part of makes it read everything.
 */
export interface Watch {
  mark(tx: ISql): Promise<Mark>
  /** The state within a transaction that `READING` holds for, from the one that was committed before it. */
  read(tx: ISql, mark: Mark, committed: CatalogState): Promise<CatalogState>
  end(): Promise<void>
}

/** A few numbers are looked up in large catalogs: by their indexes, in the order that the queries name them, with a plan that is made once. */
export const OBSERVING = {
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_material: 'off',
  enable_seqscan: 'off',
  join_collapse_limit: '1',
}

/** What a transaction has to run before its catalog is read. */
export const READING = [
  "reset role; reset all; set local search_path = ''",
  ...Object.entries(OBSERVING).map(([name, value]) => `set local ${name} = ${value}`),
].join('; ')

/** `observer`: another session in the same database, with the settings `OBSERVING`. */
export async function watchCatalog(observer: Sql): Promise<Watch> {
  const catalogs = await observer<{ oid: number; name: string }[]>`
    select oid, relname as name from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'r' order by oid`
  const watched = catalogs.filter(({ name }) => !UNREAD.has(name))
  const oids = arrayOf(watched.map(({ oid }) => oid))
  const changed = (now: readonly number[], before: readonly number[]): string[] =>
    watched.filter((_, index) => now[index] !== before[index]).map(({ name }) => name)
  return {
    async mark(tx) {
      const [mark] = await tx.unsafe<Mark[]>(MARK, [oids], prepared)
      return mark!
    },
    async read(tx, mark, committed) {
      const [now] = await tx.unsafe<Written[]>(WRITTEN, [oids], prepared)
      if (now!.made === null || mark.made === null) return await readState(tx)
      const written = changed(now!.made, mark.made)
      const removed = changed(now!.unmade, mark.unmade)
      if (written.length === 0 && removed.length === 0) return committed
      if ([...written, ...removed].some((name) => !(name in PART_OF))) return await readState(tx)
      const [made, unmade] = await Promise.all([
        tx.unsafe<Unit[]>(MADE, [mark.xid, arrayOf(written)], prepared),
        observer.unsafe<Unit[]>(UNMADE, [mark.xid, arrayOf(removed)], prepared),
      ])
      const units = [...made, ...unmade]
      // Under another schema everything has another name.
      const renamed = unmade.some(({ catalog }) => catalog === 'pg_namespace')
      if (renamed || units.some(({ catalog }) => !UNITS.has(catalog))) return await readState(tx)
      const oidsByKind = new Map<string, Set<number>>()
      for (const unit of units)
        for (const kind of kindsIn(unit)) oidsByKind.set(kind, (oidsByKind.get(kind) ?? new Set()).add(unit.oid))
      const read = await Promise.all(
        [...oidsByKind].map(([kind, some]) =>
          tx.unsafe<CatalogRow[]>(unitsQuery(kind), [arrayOf([...some])], prepared),
        ),
      )
      const keys = new Set(units.map(({ catalog, oid }) => `${catalog} ${oid}`))
      return withUnits(committed, keys, read.flat().map(objectOf))
    },
    end: () => observer.end(),
  }
}

/** A row of a catalog that objects are read by. */
interface Unit {
  readonly catalog: string
  readonly oid: number
  /** `relkind`, `typtype` or `prokind`; for a relation with `x`, `g`, `u`, `y` when it has indexes, triggers, rules, policies. */
  readonly traits: string
}

/** The kinds of which a unit may have objects. */
const kindsIn = ({ catalog, traits }: Unit): string[] =>
  kinds.filter((kind) => unitClassOf(kind) === catalog && (TRAITS[kind]?.test(traits) ?? true))

const TRAITS: Readonly<Record<string, RegExp>> = {
  table: /^[rp]/,
  column: /^[rpvmf]/,
  constraint: /^[rpf]/,
  index: /^[rpm].*x/,
  trigger: /^..*g/,
  rule: /^..*u/,
  policy: /^..*y/,
  sequence: /^S/,
  view: /^v/,
  'materialized view': /^m/,
  'foreign table': /^f/,
  enum: /^e/,
  domain: /^d/,
  'range type': /^r/,
  'composite type': /^c/,
  'base type': /^[bp]/,
  function: /^f/,
  procedure: /^p/,
  aggregate: /^a/,
  'window function': /^w/,
}

const arrayOf = (values: readonly (string | number)[]): string => `{${values.join()}}`

/** Statistics, large objects, and which role something depends on: no kind reads them. */
const UNREAD: ReadonlySet<string> = new Set([
  'pg_statistic',
  'pg_statistic_ext_data',
  'pg_largeobject',
  'pg_largeobject_metadata',
  'pg_shdepend',
  'pg_init_privs',
  'pg_seclabel',
  'pg_shseclabel',
])

/** Catalogs by whose rows objects are read; what is read by others changes so seldom that everything is read then. */
const UNITS: ReadonlySet<string> = new Set(['pg_class', 'pg_type', 'pg_proc', 'pg_namespace', 'pg_statistic_ext'])

/** Catalog → the object that a row of it is part of, as its class and number. */
const PART_OF: Readonly<Record<string, readonly [classOf: string, oid: string]>> = {
  ...Object.fromEntries(
    [...UNITS, 'pg_constraint', 'pg_trigger', 'pg_rewrite', 'pg_policy', 'pg_attrdef'].map((name) => [
      name,
      [`'${name}'::regclass`, 'oid'],
    ]),
  ),
  pg_inherits: [`'pg_class'::regclass`, 'inhrelid'],
  pg_enum: [`'pg_type'::regclass`, 'enumtypid'],
  pg_description: ['classoid', 'objoid'],
  pg_depend: ['classid', 'objid'],
  pg_attribute: [`'pg_class'::regclass`, 'attrelid'],
  pg_index: [`'pg_class'::regclass`, 'indexrelid'],
  pg_sequence: [`'pg_class'::regclass`, 'seqrelid'],
  pg_partitioned_table: [`'pg_class'::regclass`, 'partrelid'],
  pg_foreign_table: [`'pg_class'::regclass`, 'ftrelid'],
  pg_range: [`'pg_type'::regclass`, 'rngtypid'],
  pg_aggregate: [`'pg_proc'::regclass`, 'aggfnoid'],
}

/** A new row of these comes with a new or an altered one of `pg_class`, `pg_type`, `pg_proc` or `pg_attribute`. */
const COMES_WITH_OTHERS: ReadonlySet<string> = new Set([
  'pg_attrdef',
  'pg_attribute',
  'pg_index',
  'pg_sequence',
  'pg_partitioned_table',
  'pg_foreign_table',
  'pg_range',
  'pg_aggregate',
])

const counted = (...events: readonly string[]): string =>
  `case when current_setting('track_counts') = 'on' then array(
    select (${events.map((event) => `pg_stat_get_xact_tuples_${event}(oid)`).join(' + ')})::integer from catalogs order by n) end`

const WRITTEN = `with catalogs as materialized (select oid, n from unnest($1::oid[]) with ordinality c (oid, n))
select ${counted('inserted', 'updated')} as made, ${counted('updated', 'deleted')} as unmade`
const MARK = `${WRITTEN}, pg_current_xact_id()::xid::text as xid`

/** Nobody but a superuser can alter what PostgreSQL itself brings, the schema `public` apart. */
const rowsOf = (catalog: string, condition: string): string => {
  const [classOf, oid] = PART_OF[catalog]!
  const rows = `select ${classOf}::oid, ${oid}::oid from ${catalog} where '${catalog}' = any ($2::text[]) and ${condition}`
  if (catalog === 'pg_namespace') return rows
  const ofPublic = catalog === 'pg_description' ? `\n  union ${rows} and objoid = 2200` : ''
  return `${rows} and ${oid} >= 16384${ofPublic}`
}

/** What is part of something larger is read with that: an index, a row type with their table; an array type says nothing of its own. */
const WHOLES = `
, whole (class, oid) as (select distinct coalesce(p.class, o.class), coalesce(p.oid, o.oid) from object o
left join lateral (
  select 'pg_class'::regclass::oid, indrelid from pg_index where o.class = 'pg_class'::regclass and indexrelid = o.oid
  union all select 'pg_type'::regclass, reltype from pg_class where o.class = 'pg_class'::regclass and oid = o.oid and relkind = 'c'
  union all select 'pg_class'::regclass, d.refobjid from pg_class c join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid
    where o.class = 'pg_class'::regclass and c.oid = o.oid and c.relkind = 't'
  union all select case when c.relkind = 'c' then o.class else 'pg_class'::regclass end, case when c.relkind = 'c' then o.oid else c.oid end
    from pg_type t join pg_class c on c.oid = t.typrelid where o.class = 'pg_type'::regclass and t.oid = o.oid
  union all select o.class, rngtypid from pg_range where o.class = 'pg_type'::regclass and rngmultitypid = o.oid
  union all select 'pg_class'::regclass, adrelid from pg_attrdef where o.class = 'pg_attrdef'::regclass and oid = o.oid
  union all select case when conrelid <> 0 then 'pg_class'::regclass else 'pg_type'::regclass end, case when conrelid <> 0 then conrelid else contypid end
    from pg_constraint where o.class = 'pg_constraint'::regclass and oid = o.oid
  union all select 'pg_class'::regclass, tgrelid from pg_trigger where o.class = 'pg_trigger'::regclass and oid = o.oid
  union all select 'pg_class'::regclass, ev_class from pg_rewrite where o.class = 'pg_rewrite'::regclass and oid = o.oid
  union all select 'pg_class'::regclass, polrelid from pg_policy where o.class = 'pg_policy'::regclass and oid = o.oid
) p (class, oid) on true
where not exists (select from pg_type t where o.class = 'pg_type'::regclass and t.oid = o.oid and t.typcategory = 'A'))
select class::regclass::text as catalog, oid, coalesce(case class
  when 'pg_class'::regclass then (select relkind::text || case when relhasindex then 'x' else '' end || case when relhastriggers then 'g' else '' end
    || case when relhasrules then 'u' else '' end || case when exists (select from pg_policy where polrelid = w.oid) then 'y' else '' end
    from pg_class c where c.oid = w.oid)
  when 'pg_type'::regclass then (select typtype::text from pg_type t where t.oid = w.oid)
  when 'pg_proc'::regclass then (select prokind::text from pg_proc p where p.oid = w.oid) end, '') as traits
from whole w`

/** New rows, and altered ones. */
const MADE = `
with object (class, oid) as materialized (
  ${Object.keys(PART_OF)
    .filter((catalog) => !COMES_WITH_OTHERS.has(catalog))
    .map((name) => rowsOf(name, 'age(xmin) <= age($1::xid)'))
    .join('\n  union ')}
)${WHOLES}`

/**
 * Rows as they were before they were altered or removed, for a session outside, with what depended on them. What has come
 * to depend on something since is new or altered itself, or has a new row in `pg_depend`.
 */
const UNMADE = `
with changed (class, oid) as materialized (
  ${Object.keys(PART_OF)
    .map((name) => rowsOf(name, `xmax <> '0'::xid and age(xmax) <= age($1::xid)`))
    .join('\n  union ')}
), object (class, oid) as (
  select class, oid from changed
  union select d.classid, d.objid from changed c join pg_depend d on d.refclassid = c.class and d.refobjid = c.oid
)${WHOLES}`
