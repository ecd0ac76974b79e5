import type { Sql } from 'postgres'
import { identifier, qualified } from './identifier.ts'
import { atKey, hashOf, keyAsTexts, keyList, keyOf, keyTexts, restColumns, unpacked, untouched } from './journal.ts'
import type { RunTarget } from './ledger.ts'
import type { Referrer, Target } from './target.ts'

/** One row of the journal: what a transaction wrote into one table. */
export interface JournaledBatch {
  readonly runId: string
  readonly seq: number
  readonly op: 'insert' | 'update'
  readonly columns: readonly string[]
  readonly n: number
  /** Of its transaction, 64 bits. */
  readonly xid: string
  /** The first and the last row of the heap, where the rows were put one behind the other. */
  readonly span: readonly [first: string, last: string] | null
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

/** The entries of a batch. */
const entriesOf = ({ target }: JournaledBatch): string => `
  entries as materialized (
    select e.*, ${keyList(target, 'e')} as key, b.xid, b.committed_at
    from landfall.backfill_batch b, ${unpacked(target, 'b', ['unnest(b.row_hash)', 'jsonb_array_elements(b.before)'])}
        with ordinality as e(${keyTexts(target)}, row_hash, before, n)
    where b.run_id = $1::uuid and b.seq = $2::int and b.target = $3::text and b.op = $4::text
  )`

/**
 * A row is intact when its own transaction still has the last word (`xmin`), or when its text is what that
 * transaction left.
 */
function judged(batch: JournaledBatch): string {
  const { target, columns, op } = batch
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
      when (${untouched('e')}) or (${same.join(' and ')}) then 'intact' else 'changed' end as verdict
    from entries e left join ${target.sql} t on ${atKey(target, 't', 'e')}
  )`
}

/**
 * The rows of a batch that nobody has touched since: all, when there are as many as the batch wrote. Where they stand
 * together they are found there, without their keys.
 */
function untouchedRows(batch: JournaledBatch): { readonly from: string; readonly parameters: readonly string[] } {
  const { target, span, xid } = batch
  return span === null
    ? {
        from: `(
          select b.xid, e.* from landfall.backfill_batch b, ${unpacked(target, 'b', ['jsonb_array_elements(b.before)'])} as e(${keyTexts(target)}, before)
          where b.run_id = $1::uuid and b.seq = $2::int and b.target = $3::text and b.op = $4::text
        ) b where ${atKey(target, 't', 'b')} and ${untouched('b')}`,
        parameters: place(batch),
      }
    : {
        from: `(select $3::text::xid8 as xid) b where t.ctid >= $1::text::tid and t.ctid <= $2::text::tid and ${untouched('b')}`,
        parameters: [...span, xid],
      }
}

/** Whether every row of a batch is as its transaction left it; looks at nothing but who wrote a row last. */
export async function isUntouched(sql: Sql, batch: JournaledBatch): Promise<boolean> {
  const { from, parameters } = untouchedRows(batch)
  const [row] = await sql.unsafe<{ n: string }[]>(`select count(*) as n from ${batch.target.sql} t, ${from}`, [
    ...parameters,
  ])
  return Number(row!.n) === batch.n
}

/** Undoes a batch that nobody has touched; answers false, when somebody has, and the caller rolls back. */
export async function undoUntouched(sql: Sql, batch: JournaledBatch): Promise<boolean> {
  const { target, op } = batch
  const { from, parameters } = untouchedRows(batch)
  const { count } = await sql.unsafe(
    op === 'insert'
      ? `delete from ${target.sql} t using ${from}`
      : `update ${target.sql} t set ${asBefore(batch, 'b')} from ${from}`,
    [...parameters],
  )
  return count === batch.n
}

/** What deleting the row of a target would do to rows of another table, in silence. */
const HARMFUL: ReadonlySet<string> = new Set(['c', 'n', 'd'])

export const harmfulReferrers = ({ target, op }: JournaledBatch): Referrer[] =>
  op === 'insert' ? target.referrers.filter(({ onDelete }) => HARMFUL.has(onDelete)) : []

/**
 * Looks at every row of a batch and writes nothing: rows changed later, rows that moved to another key, rows that
 * others refer to, rows that a later run wrote.
 */
export async function laterWritesOf(
  sql: Sql,
  batch: JournaledBatch,
  targets: readonly RunTarget[],
): Promise<{ writes: LaterWrite[]; gone: number }> {
  const referenced = await referencedRows(sql, batch, targets)
  if (await isUntouched(sql, batch)) return { writes: referenced, gone: 0 }
  const { target } = batch
  const rows = await sql.unsafe<{ key: string[]; verdict: string; superseded: boolean }[]>(
    `with ${entriesOf(batch)}, ${judged(batch)}
     select key, verdict, (${keyTexts(target)}) in (
       select ${keyTexts(target, 'l')} from landfall.backfill_batch b, ${unpacked(target, 'b')} as l(${keyTexts(target)})
       where b.run_id = $1::uuid and b.seq > $2::int and b.target = $3::text and b.undone_at is null and b.op = 'update'
     ) as superseded
     from judged where verdict <> 'intact' order by n`,
    place(batch),
  )
  const open = rows.filter(({ superseded }) => !superseded)
  const gone = open.filter(({ verdict }) => verdict === 'gone').length
  const changed = open
    .filter(({ verdict }) => verdict === 'changed')
    .map(laterWrite(batch, 'changed', () => 'was edited later'))
  const moved =
    gone > 0 ? (await movedRows(sql, batch)).map(laterWrite(batch, 'key-changed', () => 'has another key now')) : []
  const laterRuns = (await writtenByLaterRuns(sql, batch)).map(
    laterWrite(batch, 'later-run', ({ by }) => `was written by the later run ${by}`),
  )
  return { writes: [...changed, ...moved, ...laterRuns, ...referenced], gone }
}

interface FoundRow {
  readonly key: string[]
  readonly by?: string
}

const laterWrite =
  ({ target }: JournaledBatch, kind: LaterWrite['kind'], detail: (row: FoundRow) => string) =>
  (row: FoundRow): LaterWrite => ({ table: target.table, key: row.key, kind, detail: detail(row) })

/** Rows of a batch that rows of other tables refer to; `only`: by these foreign keys. */
export async function referencedRows(
  sql: Sql,
  batch: JournaledBatch,
  targets: readonly RunTarget[],
  only: readonly Referrer[] = batch.op === 'insert' ? batch.target.referrers : [],
): Promise<LaterWrite[]> {
  const found: LaterWrite[] = []
  for (const referrer of only)
    found.push(
      ...(await references(sql, batch, referrer, targets)).map(
        laterWrite(batch, 'referenced', () => `is referred to by ${referrer.table} (${referrer.columns.join(', ')})`),
      ),
    )
  return found
}

/** Rows that are gone from their key while a row that nothing explains, written later, has all their other columns. */
function movedRows(sql: Sql, batch: JournaledBatch): Promise<FoundRow[]> | [] {
  const { target, columns } = batch
  const rest = restColumns(target, columns)
  if (rest.length === 0 || !rest.every((name) => target.columns.has(name))) return []
  return sql.unsafe<FoundRow[]>(
    `with ${entriesOf(batch)}, ${judged(batch)}
     select key from judged j where verdict = 'gone' and row_hash in (
       select ${hashOf(target, columns, 't')} from (select *, xmin, ${keyAsTexts(target, 't')} from ${target.sql} t) t
       where age(t.xmin) < (select age(xid::xid) from entries limit 1) and (${keyTexts(target, 't')}) not in (
         select ${keyTexts(target, 'l')} from landfall.backfill_batch b, ${unpacked(target, 'b')} as l(${keyTexts(target)})
         where b.target = $3::text and b.undone_at is null
       )
     )`,
    place(batch),
  )
}

const writtenByLaterRuns = (sql: Sql, batch: JournaledBatch): Promise<FoundRow[]> => {
  const { target } = batch
  return sql.unsafe<FoundRow[]>(
    `with ${entriesOf(batch)}, later as (
       select b.run_id, l.* from landfall.backfill_batch b, ${unpacked(target, 'b')} as l(${keyTexts(target)})
       where b.target = $3::text and b.run_id <> $1::uuid and b.undone_at is null and b.committed_at > (select min(committed_at) from entries)
     )
     select e.key, min(l.run_id::text) as by from entries e join later l using (${keyTexts(target)}) group by e.key`,
    place(batch),
  )
}

/** Rows of another table, not of the same run, that would be deleted, emptied, or in the way. */
function references(
  sql: Sql,
  batch: JournaledBatch,
  referrer: Referrer,
  targets: readonly RunTarget[],
): Promise<FoundRow[]> {
  const { target } = batch
  const child = qualified(referrer.schema, referrer.table)
  const own = targets.find(({ schema, table }) => schema === referrer.schema && table === referrer.table)
  const matches = referrer.columns.map(
    (name, n) => `c.${identifier(name)} = t.${identifier(referrer.referencedColumns[n]!)}`,
  )
  const ownKey = own?.key.map((name) => `c.${identifier(name)}::text`).join(', ')
  const notOfThisRun =
    own === undefined
      ? ''
      : `and (${ownKey}) not in (
           select o.* from landfall.backfill_batch b, rows from (${own.key.map((_, n) => `unnest(b.keys[${n + 1}:${n + 1}])`).join(', ')}) as o
           where b.run_id = $1::uuid and b.target = $5::text and b.op = 'insert' and b.undone_at is null)`
  return sql.unsafe<FoundRow[]>(
    `with ${entriesOf(batch)}
     select distinct e.key from entries e join ${target.sql} t on ${atKey(target, 't', 'e')} join ${child} c on ${matches.join(' and ')}
     where $5::text <> '' ${notOfThisRun}`,
    [...place(batch), child],
  )
}

/** Locks the rows of a batch until the end of the transaction: from here on nobody can change them or refer to them. */
export const lockRows = (sql: Sql, batch: JournaledBatch): Promise<unknown> =>
  sql.unsafe(
    `with ${entriesOf(batch)} select 1 from entries e join ${batch.target.sql} t on ${atKey(batch.target, 't', 'e')} for update of t`,
    place(batch),
  )

/** Undoes a batch, but for the keys in `kept`; answers how many rows. */
export async function undoRows(sql: Sql, batch: JournaledBatch, kept: readonly (readonly string[])[]): Promise<number> {
  const { target, op } = batch
  const match = `${atKey(target, 't', 'e')} and not (e.key in (select jsonb_array_elements($5::text::jsonb)))`
  const { count } = await sql.unsafe(
    op === 'insert'
      ? `with ${entriesOf(batch)} delete from ${target.sql} t using entries e where ${match}`
      : `with ${entriesOf(batch)} update ${target.sql} t set ${asBefore(batch, 'e')} from entries e where ${match}`,
    [...place(batch), JSON.stringify(kept)],
  )
  return count
}

const asBefore = ({ target, columns }: JournaledBatch, entry: string): string =>
  columns
    .map((name, n) => `${identifier(name)} = (${entry}.before->>${n})::${target.columns.get(name)?.type}`)
    .join(', ')
