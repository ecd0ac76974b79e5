import { identifier } from './identifier.ts'
import type { Target, TargetColumn } from './target.ts'

/** SQL of the journal. `alias` stands for a relation that has the target's columns. */
export const keyOf = (target: Target, alias: string): string =>
  `jsonb_build_array(${target.key.map(({ name }) => `${alias}.${identifier(name)}::text`).join(', ')})`

export const keyColumns = (target: Target, alias: string): string =>
  target.key.map(({ name }) => `${alias}.${identifier(name)}`).join(', ')

export const sameKey = (target: Target, a: string, b: string): string =>
  target.key.map(({ name }) => `${a}.${identifier(name)} = ${b}.${identifier(name)}`).join(' and ')

/**
 * A 64-bit hash of the text of a row but for its key: it outlives a rewrite of the table, and a change of type that
 * keeps the text.
 */
export const hashOf = (target: Target, columns: readonly string[], alias: string): string =>
  `hashtextextended(row(${restColumns(target, columns)
    .map((name) => `${alias}.${identifier(name)}`)
    .join(', ')})::text, 0)`

/** The columns that an entry of the journal answers for: all of an inserted row, the written ones of an updated row. */
export const journaledColumns = (target: Target, updated: readonly TargetColumn[] | null): string[] =>
  updated === null ? [...target.columns.keys()] : updated.map(({ name }) => name)

export const restColumns = (target: Target, columns: readonly string[]): string[] =>
  columns.filter((name) => !target.key.some((key) => key.name === name))

/**
 * Packs `entries` (n, key, record, row_hash, before) into one row; `$1` to `$6` are run, batch, target, first
 * record, last record and columns.
 */
export const packedJournal = (op: 'insert' | 'update', entries: string): string => `
  insert into landfall.backfill_batch
    (run_id, seq, target, op, xid, first_record, last_record, n, columns, keys, records, row_hash, before)
  select $1::uuid, $2::int, $3::text, '${op}', pg_current_xact_id(), $4::bigint, $5::bigint, count(*), $6::text[],
    jsonb_agg(e.key order by e.n), array_agg(e.record order by e.n), array_agg(e.row_hash order by e.n),
    ${op === 'update' ? 'jsonb_agg(e.before order by e.n)' : 'null'}
  from (${entries}) e having count(*) > 0
  returning n, records`
