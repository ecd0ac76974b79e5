import { isClosed } from './literals.ts'
import type { FillableTable, Reference, ValueType } from './tables.ts'

/** A row to be: column → the text of its value, or null. A column that is left out gets its default. */
export type Row = Readonly<Record<string, string | null>>

/** Columns that are chosen together, and what may be chosen: the best first. */
export interface Choice {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  /** Every row should stand somewhere. */
  readonly closed: boolean
}

export interface ChoiceRequest {
  readonly table: FillableTable
  readonly types: ReadonlyMap<string, ValueType>
  /** Texts by column, best first. */
  readonly candidates: ReadonlyMap<string, readonly string[]>
  /** The rows that a referenced table has by now. */
  readonly rowsOf: (table: string) => Promise<readonly Row[]>
}

const MOST_JOINED = 200

export const nulls = (row: Row): number => Object.values(row).filter((value) => value === null).length

const refersToItself = ({ qualified }: FillableTable, { table }: Reference): boolean => table === qualified

/** What may be chosen for each column; columns that take part in a reference are chosen with the row that they refer to. */
export async function choicesOf({
  table,
  types,
  candidates,
  rowsOf,
}: ChoiceRequest): Promise<Choice[] | { reason: string }> {
  const nullable = new Set(table.columns.filter(({ notNull }) => !notNull).map(({ name }) => name))
  const own = table.references.filter((reference) => refersToItself(table, reference))
  const pointedAt = new Set(own.flatMap(({ referenced }) => referenced))
  const referring = new Set(own.flatMap(({ columns }) => columns))
  let groups: Choice[] = []
  for (const reference of table.references) {
    if (refersToItself(table, reference)) continue
    const { columns, referenced } = reference
    const existing = (await rowsOf(reference.table))
      .map((row) => Object.fromEntries(columns.map((column, n) => [column, row[referenced[n]!] ?? null])) as Row)
      .filter((row) => nulls(row) === 0)
    const without = columns.filter((column) => nullable.has(column))
    if (existing.length === 0 && without.length === 0)
      return { reason: `it references ${reference.table}, which has no rows` }
    const empty = without.length === 0 ? [] : [Object.fromEntries(without.map((column) => [column, null]))]
    let joined: Choice = { columns, rows: [...existing, ...empty], closed: false }
    for (const other of groups.filter((group) => group.columns.some((column) => columns.includes(column))))
      joined = joinedWith(other, joined)
    groups = [...groups.filter((group) => !group.columns.some((column) => columns.includes(column))), joined]
    if (joined.rows.length === 0) return { reason: `its references over ${joined.columns.join(', ')} agree in no row` }
  }
  const first = (column: string): string | null => candidates.get(column)?.[0] ?? null
  const complete = groups.map((group) => ({
    ...group,
    rows: group.rows.map((row) => ({
      ...Object.fromEntries(group.columns.map((column) => [column, nullable.has(column) ? null : first(column)])),
      ...row,
    })),
  }))
  const taken = new Set(groups.flatMap(({ columns }) => columns))
  const singles = table.columns
    .filter(
      ({ name, numbered }) =>
        !taken.has(name) && (!numbered || pointedAt.has(name)) && (!referring.has(name) || pointedAt.has(name)),
    )
    .map(({ name, type, notNull, numbered }): Choice => {
      const texts = candidates.get(name) ?? []
      // Far from the numbers that the sequence gives next.
      const far = numbered ? texts.filter((text) => Number(text) > 1000) : texts
      const rows: Row[] = (far.length > 0 ? far : texts).map((text) => ({ [name]: text }))
      return {
        columns: [name],
        rows: notNull ? rows : [...rows, { [name]: null }],
        closed: isClosed(types.get(type)!, types),
      }
    })
    .filter(({ rows }) => rows.length > 0)
  return [...complete, ...singles]
}

/** Rows of both that agree in the columns that they share. */
function joinedWith(a: Choice, b: Choice): Choice {
  const rows = a.rows.flatMap((left) =>
    b.rows
      .filter((right) => Object.keys(right).every((column) => !(column in left) || left[column] === right[column]))
      .map((right) => ({ ...left, ...right })),
  )
  return { columns: [...new Set([...a.columns, ...b.columns])], rows: rows.slice(0, MOST_JOINED), closed: false }
}

/** A row of a table that refers to itself: to its first row, and the first one to itself. */
export function toItself(table: FillableTable, rows: readonly Row[], n: number, emptyAt: number): Row {
  const nullable = new Set(table.columns.filter(({ notNull }) => !notNull).map(({ name }) => name))
  const own = table.references.filter((reference) => refersToItself(table, reference))
  return Object.assign(
    {},
    ...own.map(({ columns, referenced }) => {
      const target = rows[n === 1 ? 1 : 0]!
      if (n === emptyAt && columns.some((column) => nullable.has(column)))
        return Object.fromEntries(columns.filter((column) => nullable.has(column)).map((column) => [column, null]))
      const pairs = columns.map((column, at) => [column, target[referenced[at]!] ?? null] as const)
      return Object.fromEntries(pairs.filter(([column]) => !(column in rows[n]!)))
    }),
  ) as Row
}
