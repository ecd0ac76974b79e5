import { identifier } from './identifier.ts'
import type { Target, TargetColumn } from './target.ts'

/** SQL of the journal. `alias` stands for a relation that has the target's columns. */
export const keyOf = (target: Target, alias: string): string =>
  `jsonb_build_array(${target.key.map(({ name }) => `${alias}.${identifier(name)}::text`).join(', ')})`

export const keyColumns = (target: Target, alias: string): string =>
  target.key.map(({ name }) => `${alias}.${identifier(name)}`).join(', ')

export const sameKey = (target: Target, a: string, b: string): string =>
  target.key.map(({ name }) => `${a}.${identifier(name)} = ${b}.${identifier(name)}`).join(' and ')

/** `k0, k1`: the names that the texts of a key go by. */
export const keyTexts = (target: Target, alias?: string): string =>
  target.key.map((_, n) => (alias === undefined ? `k${n}` : `${alias}.k${n}`)).join(', ')

/** The key of a relation's row as texts, by these names. */
export const keyAsTexts = (target: Target, alias: string): string =>
  target.key.map(({ name }, n) => `${alias}.${identifier(name)}::text as k${n}`).join(', ')

/** The row of `table` whose key has the texts of `entry`. */
export const atKey = (target: Target, table: string, entry: string): string =>
  target.key.map(({ name, type }, n) => `${table}.${identifier(name)} = ${entry}.k${n}::${type}`).join(' and ')

/** The texts of a key as one jsonb. */
export const keyList = (target: Target, alias: string): string => `jsonb_build_array(${keyTexts(target, alias)})`

/** The rows that a line of the journal stands for, by the texts of their keys; more columns of the journal may follow. */
export const unpacked = (target: Target, batch: string, more: readonly string[] = []): string =>
  `rows from (${[...target.key.map((_, n) => `unnest(${batch}.keys[${n + 1}:${n + 1}])`), ...more].join(', ')})`

/**
 * A 64-bit hash of a row but for its key, of which no two values that are different in any way are alike: it outlives a
 * rewrite of the table, and a change of type that keeps the text.
 */
export const hashOf = (target: Target, columns: readonly string[], alias: string): string =>
  `hash_record_extended(row(${restColumns(target, columns)
    .map((name) => exactly(`${alias}.${identifier(name)}`, target.columns.get(name)!.type))
    .join(', ')}), 0)`

/** Types of which two values are equal only when they are the same. */
const EXACT: ReadonlySet<string> = new Set([
  'smallint',
  'integer',
  'bigint',
  'boolean',
  'uuid',
  'date',
  'timestamp with time zone',
  'timestamp without time zone',
])
/** Types whose cast to text is what is printed. */
const PRINTED = /^(text|jsonb?|character varying(\(.*\))?|numeric(\(.*\))?)$/

/** Equality forgives much: the zeros behind a number, the case of a letter under a collation. */
const exactly = (column: string, type: string): string =>
  EXACT.has(type) ? column : `${PRINTED.test(type) ? column : `row(${column})`}::text collate "C"`

/** The columns that an entry of the journal answers for: all of an inserted row, the written ones of an updated row. */
export const journaledColumns = (target: Target, updated: readonly TargetColumn[] | null): string[] =>
  updated === null ? [...target.columns.keys()] : updated.map(({ name }) => name)

export const restColumns = (target: Target, columns: readonly string[]): string[] =>
  columns.filter((name) => !target.key.some((key) => key.name === name))

/** Where rows are journalled: the run, its batch, and the records that the batch covers. */
export interface BatchPlace {
  readonly runId: string
  readonly seq: number
  readonly first: number
  readonly last: number
  /** The cursor behind which the records begin, as JSON; null at the beginning of the source. */
  readonly behind: string | null
}

/** What stands behind `$1` to `$7` of a journalling statement. */
export const journalParameters = (place: BatchPlace, target: Target, columns: readonly string[]): unknown[] => [
  place.runId,
  place.seq,
  target.sql,
  place.first,
  place.last,
  columns,
  place.behind,
]

const intoJournal = (op: 'insert' | 'update', more: string) =>
  `insert into landfall.backfill_batch
     (run_id, seq, target, op, xid, first_record, last_record, columns, behind, n, fingerprint, keys, records, row_hash${more})
   select $1::uuid, $2::int, $3::text, '${op}', pg_current_xact_id(), $4::bigint, $5::bigint, $6::text[], $7::jsonb, count(*)`

/** The sum over the rows of a hash of key and row: the hash of the row is the seed of that of the key. */
const fingerprint = ({ key }: Target): string =>
  `sum(${key.reduce((seed, _, n) => `hashtextextended(e.k${n}, ${seed})`, 'e.row_hash')})`

const aggregated = (target: Target, order: string): string =>
  `array[${target.key.map((_, n) => `array_agg(e.k${n}${order})`).join(', ')}]`

/** Packs `entries` (n, key texts, record, row_hash, before) into one line of the journal. */
export const packedJournal = (target: Target, op: 'insert' | 'update', entries: string): string => `
  ${intoJournal(op, ', before')}, ${fingerprint(target)}, ${aggregated(target, ' order by e.n')}, array_agg(e.record order by e.n), array_agg(e.row_hash order by e.n),
    ${op === 'update' ? 'jsonb_agg(e.before order by e.n)' : 'null'}
  from (${entries}) e having count(*) > 0
  returning n, records`

/**
 * The same for rows that this transaction alone has put at the end of a heap, one behind the other: they need not be
 * looked up. `$8` to `$13` are the first block, the records, the keys, the number of rows, their digest and its columns.
 * Nothing is journalled unless the rows that stand there are those of these keys, in this order.
 */
export const spanJournal = (target: Target): string => `
  ${intoJournal('insert', ', first_row, last_row, digest, digest_columns')}, ${fingerprint(target)}, ${aggregated(target, '')}, $9::bigint[], array_agg(e.row_hash), min(e.at), max(e.at), $12::bytea, $13::text[]
  from (select t.ctid as at, ${keyAsTexts(target, 't')}, ${hashOf(target, journaledColumns(target, null), 't')} as row_hash
        from ${target.sql} t where t.ctid >= $8::text::tid and t.xmin = pg_current_xact_id()::xid) e
  having count(*) = $11::bigint and ${aggregated(target, '')} = $10::text[]
  returning n, last_row`

/**
 * The transaction of `batch` still has the last word about the row `t`. Numbers of transactions come back after 2^32,
 * and a restored copy counts anew: then they say nothing.
 */
export const untouched = (batch: string): string =>
  `t.xmin = ${batch}.xid::xid and pg_snapshot_xmax(pg_current_snapshot())::text::numeric - ${batch}.xid::text::numeric between 0 and 2147483647`
