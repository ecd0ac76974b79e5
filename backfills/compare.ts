import type { CopyConnection } from './copy-connection.ts'
import { identifier } from './identifier.ts'
import { atKey, keyAsTexts, keyList, keyTexts, unpacked } from './journal.ts'
import type { PreparedRecord } from './record.ts'
import { fillStage, omittedPlaces, stageName } from './stage.ts'
import type { Target, TargetColumn } from './target.ts'

/** A place where a table is not what the source says. */
export interface Difference {
  readonly table: string
  /** The texts of the key's columns. */
  readonly key: readonly string[]
  /** Null when the whole row is missing, or is there without a record. */
  readonly column: string | null
  /** As PostgreSQL prints it; null is NULL, or no row. */
  readonly expected: string | null
  readonly actual: string | null
  /** Null for a row that no record explains. */
  readonly record: number | null
  readonly line: number | null
}

interface Portion {
  readonly runId: string
  readonly index: number
  readonly target: Target
  readonly columns: readonly TargetColumn[]
  readonly records: readonly PreparedRecord[]
}

/**
 * Compares some consecutive records with the rows that they became: the stage beside the table, column by column,
 * as bytes. A difference that equality forgives (a zero at the end of a numeric, case under a collation) is one. A
 * row that another record of the run, or a later run, wrote last is not this record's to explain.
 */
export async function compareBatch(
  connection: CopyConnection,
  portion: Portion,
): Promise<{ compared: number; differences: Difference[] }> {
  const { index, target, columns, records, runId } = portion
  if (records.length === 0) return { compared: 0, differences: [] }
  const stage = stageName(index)
  await fillStage(connection, index, columns, records, 'null')
  const [first, last] = [records[0]!.position.record, records.at(-1)!.position.record]
  const omitted = new Set(records.flatMap(({ rows }) => rows[index]!.flatMap((row) => omittedPlaces(row, columns))))
  const differs = columns.map(({ name }, place) => {
    const given = omitted.has(place + 1) ? `not ${place + 1} = any(s.landfall_omitted) and ` : ''
    return `(${given}${bytesOf(target, name, 's')} is distinct from ${bytesOf(target, name, 't')})`
  })
  const texts = (alias: string) => columns.map(({ name }) => `${alias}.${identifier(name)}::text`).join(', ')
  const rows = await connection.query(
    `with written as materialized (
       select distinct on (${keyTexts(target, 'e')}) e.* from landfall.backfill_batch b,
         ${unpacked(target, 'b', ['unnest(coalesce(b.records, array(select generate_series(b.first_record, b.last_record))))'])} as e(${keyTexts(target)}, record)
       where b.run_id = $1 and b.target = $2 and b.undone_at is null and b.last_record >= $3 and b.first_record <= $4
         and e.record between $3 and $4
       order by ${keyTexts(target, 'e')}, e.record desc
     ), compared as materialized (
       select w.*, s.landfall_n, t.${identifier(target.key[0]!.name)} is null as missing, array[${differs.join(', ')}] as differs
       from written w
       left join ${stage} s on s.landfall_record = w.record and ${atKey(target, 's', 'w')}
       left join ${target.sql} t on ${atKey(target, 't', 'w')}
     )
     select null as key, count(*)::text as record, null as missing, null as unsourced, null as differs, null as expected, null as actual from compared
     union all
     select ${keyList(target, 'w')}::text, w.record::text, w.missing::text, (w.landfall_n is null)::text, to_json(w.differs)::text,
       to_json(array[${texts('s')}]::text[])::text, to_json(array[${texts('t')}]::text[])::text
     from compared w
     left join ${stage} s on s.landfall_n = w.landfall_n
     left join ${target.sql} t on ${atKey(target, 't', 'w')}
     where w.missing or w.landfall_n is null or true = any(w.differs)`,
    [runId, target.sql, first, last],
  )
  const [count, ...found] = rows
  const suspects = found.map((row) => suspectOf(row))
  const explained = await writtenLater(connection, portion, suspects)
  const lines = new Map(records.map(({ position }) => [position.record, position.line]))
  const differences = suspects
    .filter(({ key }) => !explained.has(JSON.stringify(key)))
    .flatMap((suspect) => differencesOf(suspect, target, columns, lines.get(suspect.record) ?? null))
  return { compared: Number(count!['record']), differences }
}

interface Suspect {
  readonly key: string[]
  readonly record: number
  readonly missing: boolean
  readonly unsourced: boolean
  readonly differs: boolean[]
  readonly expected: (string | null)[]
  readonly actual: (string | null)[]
}

const suspectOf = (row: Record<string, string | null>): Suspect => ({
  key: JSON.parse(row['key']!) as string[],
  record: Number(row['record']),
  missing: row['missing'] === 'true',
  unsourced: row['unsourced'] === 'true',
  differs: JSON.parse(row['differs']!) as boolean[],
  expected: JSON.parse(row['expected']!) as (string | null)[],
  actual: JSON.parse(row['actual']!) as (string | null)[],
})

function differencesOf(
  suspect: Suspect,
  target: Target,
  columns: readonly TargetColumn[],
  line: number | null,
): Difference[] {
  const { key, record, missing, unsourced, differs, expected, actual } = suspect
  const base = { table: target.table, key, record, line }
  if (missing || unsourced)
    return [
      {
        ...base,
        column: null,
        expected: unsourced ? null : rowText(expected),
        actual: missing ? null : rowText(actual),
      },
    ]
  return columns.flatMap(({ name }, n) =>
    differs[n] ? [{ ...base, column: name, expected: expected[n] ?? null, actual: actual[n] ?? null }] : [],
  )
}

const rowText = (values: readonly (string | null)[]): string => `(${values.map((value) => value ?? 'NULL').join(', ')})`

/** The keys among the suspects that a later record of the run, or a later run, has written over. */
async function writtenLater(
  connection: CopyConnection,
  { runId, target, records }: Portion,
  suspects: readonly Suspect[],
): Promise<Set<string>> {
  if (suspects.length === 0) return new Set()
  const rows = await connection.query(
    `select distinct ${keyList(target, 'k')}::text as key from landfall.backfill_batch b, ${unpacked(target, 'b')} as k(${keyTexts(target)})
     where b.target = $2 and b.undone_at is null and ${keyList(target, 'k')} in (select jsonb_array_elements($4::jsonb))
       and case when b.run_id = $1 then b.first_record > $3
         else b.committed_at > (select max(committed_at) from landfall.backfill_batch where run_id = $1) end`,
    [runId, target.sql, records.at(-1)!.position.record, JSON.stringify(suspects.map(({ key }) => key))],
  )
  return new Set(rows.map(({ key }) => JSON.stringify(JSON.parse(key!))))
}

/** Whether a table holds exactly as many rows as a run has put into it. */
export async function holdsOnly(connection: CopyConnection, target: Target, runId: string): Promise<boolean> {
  const [counted] = await connection.query(
    `select count(*) = (select coalesce(sum(n), 0) from landfall.backfill_batch
       where run_id = $1 and target = $2 and op = 'insert' and undone_at is null) as even from ${target.sql}`,
    [runId, target.sql],
  )
  return counted!['even'] === 't'
}

/** Rows of a table that no run has on record. */
export async function unexplainedRows(connection: CopyConnection, target: Target): Promise<Difference[]> {
  const texts = [...target.columns.keys()].map((name) => `t.${identifier(name)}::text`).join(', ')
  const rows = await connection.query(
    `select ${keyList(target, 't')}::text as key, to_json(t.texts)::text as actual
     from (select ${keyAsTexts(target, 't')}, array[${texts}] as texts from ${target.sql} t) t
     where (${keyTexts(target, 't')}) not in (
       select ${keyTexts(target, 'l')} from landfall.backfill_batch b, ${unpacked(target, 'b')} as l(${keyTexts(target)})
       where b.target = $1 and b.undone_at is null
     )`,
    [target.sql],
  )
  return rows.map(({ key, actual }) => ({
    table: target.table,
    key: JSON.parse(key!) as string[],
    column: null,
    expected: null,
    actual: rowText(JSON.parse(actual!) as (string | null)[]),
    record: null,
    line: null,
  }))
}

/** The canonical bytes of a value, whatever its type: those of the server's binary protocol. */
function bytesOf(target: Target, name: string, alias: string): string {
  const { send, sent, type } = target.columns.get(name)!
  const value = `${alias}.${identifier(name)}`
  return `${send}(${type === sent ? value : `${value}::${sent}`})`
}
