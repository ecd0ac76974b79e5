import type { Sql } from 'postgres'
import { identifier } from './identifier.ts'
import { hashOf, keyOf, restColumns } from './journal.ts'
import type { RunTarget } from './ledger.ts'
import type { Referrer, Target } from './target.ts'

/** One row of the journal: what a transaction wrote into one table. */
export interface JournaledBatch {
  readonly runId: string
  readonly seq: number
  readonly op: 'insert' | 'update'
  readonly columns: readonly string[]
  readonly target: Target
}

/** A row that cannot be undone without losing what came later. */
export interface LaterWrite {
  readonly table: string
  /** The texts of the key's columns. */
  readonly key: readonly string[]
  readonly kind: 'changed' | 'key-changed' | 'referenced' | 'later-run'
  readonly detail: string
}

const place = ({ runId, seq, target, op }: JournaledBatch): string[] => [runId, String(seq), target.sql, op]

/** The entries of a batch (`$1` to `$4`: run, batch, target, operation). */
const entries = `
  entries as materialized (
    select e.*, b.xid, b.committed_at from landfall.backfill_batch b,
      rows from (jsonb_array_elements(b.keys), unnest(b.row_hash), jsonb_array_elements(b.before))
        with ordinality as e(key, row_hash, before, n)
    where b.run_id = $1::uuid and b.seq = $2::int and b.target = $3::text and b.op = $4::text
  )`

const atKey = (target: Target): string =>
  target.key.map(({ name, type }, n) => `t.${identifier(name)} = (e.key->>${n})::${type}`).join(' and ')

/**
 * A row is intact when its own transaction still has the last word (`xmin`), or when its text is what that
 * transaction left.
 */
function judged({ target, columns, op }: JournaledBatch): string {
  const known = columns.every((name) => target.columns.has(name))
  const later = op === 'update' ? [] : [...target.columns.keys()].filter((name) => !columns.includes(name))
  const same = known
    ? [
        `${keyOf(target, 't')} = e.key`,
        `${hashOf(target, columns, 't')} = e.row_hash`,
        ...later.map((name) => `t.${identifier(name)} is null`),
      ]
    : ['false']
  return `judged as materialized (
    select e.*, case when t.${identifier(target.key[0]!.name)} is null then 'gone'
      when t.xmin = e.xid::xid or (${same.join(' and ')}) then 'intact' else 'changed' end as verdict
    from entries e left join ${target.sql} t on ${atKey(target)}
  )`
}

/**
 * Looks at every row of a batch and writes nothing: rows changed later, rows that moved to another key, rows that
 * others refer to, rows that a later run wrote.
 */
export async function laterWritesOf(
  sql: Sql,
  batch: JournaledBatch,
  targets: readonly RunTarget[],
): Promise<{ writes: LaterWrite[]; gone: number }> {
  const { target, op } = batch
  const rows = await sql.unsafe<{ key: string[]; verdict: string; superseded: boolean }[]>(
    `with ${entries}, ${judged(batch)}
     select key, verdict, key in (
       select jsonb_array_elements(l.keys) from landfall.backfill_batch l
       where l.run_id = $1::uuid and l.seq > $2::int and l.target = $3::text and l.undone_at is null and l.op = 'update'
     ) as superseded
     from judged where verdict <> 'intact' order by n`,
    place(batch),
  )
  const open = rows.filter(({ superseded }) => !superseded)
  const gone = open.filter(({ verdict }) => verdict === 'gone').length
  const write =
    (kind: LaterWrite['kind'], detail: (row: { key: string[]; by?: string }) => string) =>
    (row: { key: string[]; by?: string }) => ({
      table: target.table,
      key: row.key,
      kind,
      detail: detail(row),
    })
  const changed = open.filter(({ verdict }) => verdict === 'changed').map(write('changed', () => 'was edited later'))
  const moved = gone > 0 ? (await movedRows(sql, batch)).map(write('key-changed', () => 'has another key now')) : []
  const laterRuns = (await writtenByLaterRuns(sql, batch)).map(
    write('later-run', ({ by }) => `was written by the later run ${by}`),
  )
  const referenced: LaterWrite[] = []
  for (const referrer of op === 'insert' ? target.referrers : [])
    referenced.push(
      ...(await references(sql, batch, referrer, targets)).map(
        write('referenced', () => `is referred to by ${referrer.table} (${referrer.columns.join(', ')})`),
      ),
    )
  return { writes: [...changed, ...moved, ...laterRuns, ...referenced], gone }
}

/** Rows that are gone from their key while a row that nothing explains, written later, has all their other columns. */
function movedRows(sql: Sql, batch: JournaledBatch): Promise<{ key: string[] }[]> | [] {
  const { target, columns } = batch
  const rest = restColumns(target, columns)
  if (rest.length === 0 || !rest.every((name) => target.columns.has(name))) return []
  return sql.unsafe<{ key: string[] }[]>(
    `with ${entries}, ${judged(batch)}
     select key from judged j where verdict = 'gone' and row_hash in (
       select ${hashOf(target, columns, 't')} from ${target.sql} t
       where age(t.xmin) < (select age(xid::xid) from entries limit 1) and ${keyOf(target, 't')} not in (
         select jsonb_array_elements(keys) from landfall.backfill_batch where target = $3::text and undone_at is null
       )
     )`,
    place(batch),
  )
}

const writtenByLaterRuns = (sql: Sql, batch: JournaledBatch): Promise<{ key: string[]; by: string }[]> =>
  sql.unsafe<{ key: string[]; by: string }[]>(
    `with ${entries}, later as (
       select l.run_id, jsonb_array_elements(l.keys) as key from landfall.backfill_batch l
       where l.target = $3::text and l.run_id <> $1::uuid and l.undone_at is null and l.committed_at > (select min(committed_at) from entries)
     )
     select e.key, min(l.run_id::text) as by from entries e join later l using (key) group by e.key`,
    place(batch),
  )

/** Rows of another table, not of the same run, that would be deleted, emptied, or in the way. */
function references(
  sql: Sql,
  batch: JournaledBatch,
  referrer: Referrer,
  targets: readonly RunTarget[],
): Promise<{ key: string[] }[]> {
  const { target } = batch
  const child = `${identifier(referrer.schema)}.${identifier(referrer.table)}`
  const own = targets.find(({ schema, table }) => schema === referrer.schema && table === referrer.table)
  const matches = referrer.columns.map(
    (name, n) => `c.${identifier(name)} = t.${identifier(referrer.referencedColumns[n]!)}`,
  )
  const notOfThisRun =
    own === undefined
      ? ''
      : `and jsonb_build_array(${own.key.map((name) => `c.${identifier(name)}::text`).join(', ')}) not in (
           select jsonb_array_elements(o.keys) from landfall.backfill_batch o
           where o.run_id = $1::uuid and o.target = $5::text and o.op = 'insert' and o.undone_at is null)`
  return sql.unsafe<{ key: string[] }[]>(
    `with ${entries}
     select distinct e.key from entries e join ${target.sql} t on ${atKey(target)} join ${child} c on ${matches.join(' and ')}
     where $5::text <> '' ${notOfThisRun}`,
    [...place(batch), child],
  )
}

/** Locks the rows of a batch until the end of the transaction: from here on nobody can change them or refer to them. */
export const lockRows = (sql: Sql, batch: JournaledBatch): Promise<unknown> =>
  sql.unsafe(
    `with ${entries} select 1 from entries e join ${batch.target.sql} t on ${atKey(batch.target)} for update of t`,
    place(batch),
  )

/** Undoes a batch, but for the keys in `kept`; answers how many rows. */
export async function undoRows(sql: Sql, batch: JournaledBatch, kept: readonly (readonly string[])[]): Promise<number> {
  const { target, op, columns } = batch
  const match = `${atKey(target)} and not (e.key in (select jsonb_array_elements($5::text::jsonb)))`
  const assignments = columns.map(
    (name, n) => `${identifier(name)} = (e.before->>${n})::${target.columns.get(name)?.type}`,
  )
  const { count } = await sql.unsafe(
    op === 'insert'
      ? `with ${entries} delete from ${target.sql} t using entries e where ${match}`
      : `with ${entries} update ${target.sql} t set ${assignments.join(', ')} from entries e where ${match}`,
    [...place(batch), JSON.stringify(kept)],
  )
  return count
}
