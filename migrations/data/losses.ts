import type { Snapshot, TableRows } from './snapshot.ts'

/** Data that was there before the up script and is not, or is not the same, after the down script. */
export interface DataLoss {
  /** `schema.table`, as the catalog names it. */
  readonly table: string
  /** Null when whole rows are gone. */
  readonly column: string | null
  /** How many rows are concerned. */
  readonly rows: number
  /** One of them: `id 7: 'abc' became null`. */
  readonly example: string | null
}

/** `schema.table` → columns that a trigger writes by itself; they are no one's data. */
export type SelfWritten = ReadonlyMap<string, ReadonlySet<string>>

/** What `after` lacks of the rows of `before`. Rows that are there too much are no loss. */
export const lossesBetween = (before: Snapshot, after: Snapshot, selfWritten: SelfWritten = new Map()): DataLoss[] =>
  [...before].flatMap(([table, rows]) => {
    if (rows.count === 0) return []
    const left = after.get(table)
    if (!left) return [{ table, column: null, rows: rows.count, example: null }]
    const ignored = selfWritten.get(table) ?? new Set()
    return tableLosses(rows, left, ignored).map((loss) => ({ table, ...loss }))
  })

type Loss = Omit<DataLoss, 'table'>

function tableLosses(before: TableRows, after: TableRows, ignored: ReadonlySet<string>): Loss[] {
  const gone = before.columns.filter((column) => !after.columns.includes(column))
  const dropped = gone
    .map((column) => ({ column, rows: valued(before, column), example: null }))
    .filter(({ rows }) => rows > 0)
  const common = before.columns.filter((column) => after.columns.includes(column) && !ignored.has(column))
  if (before.rows === null || after.rows === null) return [...dropped, ...byFingerprint(before, after, common)]
  const keyed = before.key.length > 0 && before.key.every((column) => common.includes(column))
  return [...dropped, ...(keyed ? byKey : byColumn)(before, after, common)]
}

/** Rows in which a column has a value. */
const valued = ({ rows, columns, count }: TableRows, column: string): number =>
  rows === null ? count : rows.filter((row) => row[columns.indexOf(column)] !== null).length

function byKey(before: TableRows, after: TableRows, common: readonly string[]): Loss[] {
  const { key } = before
  const rest = new Map(after.rows!.map((row) => [keyOf(after, key, row), row]))
  const missing = before.rows!.filter((row) => !rest.has(keyOf(before, key, row)))
  // The same number of rows under other keys: it is the key that was altered.
  if (missing.length > 0 && after.count >= before.count)
    return [
      {
        column: key[0]!,
        rows: missing.length,
        example: `${shown(valueOf(before, key[0]!, missing[0]!))} is in no row any more`,
      },
    ]
  const lost =
    missing.length === 0
      ? []
      : [{ column: null, rows: missing.length, example: `${named(before, missing[0]!)} is gone` }]
  const changed = common.flatMap((column) => {
    const rows = before.rows!.filter((row) => {
      const other = rest.get(keyOf(before, key, row))
      return other !== undefined && valueOf(after, column, other) !== valueOf(before, column, row)
    })
    if (rows.length === 0) return []
    const now = valueOf(after, column, rest.get(keyOf(before, key, rows[0]!))!)
    return [
      {
        column,
        rows: rows.length,
        example: `${named(before, rows[0]!)}: ${shown(valueOf(before, column, rows[0]!))} became ${shown(now)}`,
      },
    ]
  })
  return [...lost, ...changed]
}

/** Without a key, what each column holds is compared, and then the rows as wholes. */
function byColumn(before: TableRows, after: TableRows, common: readonly string[]): Loss[] {
  if (after.count < before.count) return [{ column: null, rows: before.count - after.count, example: null }]
  const changed = common.flatMap((column) => {
    const lost = missingFrom(
      before.rows!.map((row) => valueOf(before, column, row)),
      after.rows!.map((row) => valueOf(after, column, row)),
    )
    return lost.length === 0 ? [] : [{ column, rows: lost.length, example: `${shown(lost[0]!)} is in no row any more` }]
  })
  if (changed.length > 0) return changed
  const whole = (of: TableRows) =>
    of.rows!.map((row) => JSON.stringify(common.map((column) => valueOf(of, column, row))))
  const lost = missingFrom(whole(before), whole(after))
  return lost.length === 0 ? [] : [{ column: null, rows: lost.length, example: null }]
}

function byFingerprint(before: TableRows, after: TableRows, common: readonly string[]): Loss[] {
  if (after.count < before.count) return [{ column: null, rows: before.count - after.count, example: null }]
  if (after.count > before.count || before.fingerprints === null || after.fingerprints === null) return []
  return common
    .filter(
      (column) =>
        before.fingerprints![before.columns.indexOf(column)] !== after.fingerprints![after.columns.indexOf(column)],
    )
    .map((column) => ({ column, rows: before.count, example: null }))
}

/** Of two bags, what the second lacks. */
function missingFrom<T>(all: readonly T[], rest: readonly T[]): T[] {
  const left = new Map<T, number>()
  for (const value of rest) left.set(value, (left.get(value) ?? 0) + 1)
  return all.filter((value) => {
    const count = left.get(value) ?? 0
    left.set(value, count - 1)
    return count <= 0
  })
}

const valueOf = ({ columns }: TableRows, column: string, row: readonly (string | null)[]): string | null =>
  row[columns.indexOf(column)] ?? null

const keyOf = (table: TableRows, key: readonly string[], row: readonly (string | null)[]): string =>
  JSON.stringify(key.map((column) => valueOf(table, column, row)))

const named = (table: TableRows, row: readonly (string | null)[]): string =>
  table.key.map((column) => `${column} ${clipped(valueOf(table, column, row) ?? 'null')}`).join(', ')

const SHOWN = 40

const clipped = (text: string): string => ([...text].length <= SHOWN ? text : `${[...text].slice(0, SHOWN).join('')}…`)

const shown = (value: string | null): string => {
  if (value === null) return 'null'
  return `'${clipped(value)}'${[...value].length > SHOWN ? ` (${[...value].length} characters)` : ''}`
}
