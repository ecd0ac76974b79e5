import type { TransactionSql } from 'postgres'
import { spokenIn } from './constants.ts'
import { isClosed } from './literals.ts'
import type { FillableTable, Reference, ValueType } from './tables.ts'

/** A row to be: column → the text of its value, or null. A column that is left out gets its default. */
export type Row = Readonly<Record<string, string | null>>

/**
 * `varied`: equal values where nothing forbids them, nulls where they may be, every label of a closed type ·
 * `tidy`: one row without nulls where possible.
 */
export type Style = 'varied' | 'tidy'

export interface PlanRequest {
  readonly table: FillableTable
  readonly types: ReadonlyMap<string, ValueType>
  /** Texts by column, best first. */
  readonly candidates: ReadonlyMap<string, readonly string[]>
  /** The rows that a referenced table has by now. */
  readonly rowsOf: (table: string) => Promise<readonly Row[]>
  readonly style: Style
}

/** Rows that no constraint known beforehand refuses, or why there are none. */
export type Plan = { readonly rows: readonly Row[] } | { readonly reason: string }

/** Columns that are chosen together, and what may be chosen: the best first. */
interface Choice {
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
  /** Every row should stand somewhere. */
  readonly closed: boolean
}

const [MOST_ROWS, USUAL_ROWS, MOST_COMBINATIONS, MOST_JOINED] = [12, 5, 3000, 200]

/** Plans the rows of one table. The checks are evaluated by the server, over combinations of candidates. */
export async function planRows(sql: TransactionSql, request: PlanRequest): Promise<Plan> {
  const { table, style } = request
  const choices = await choicesOf(request)
  if ('reason' in choices) return choices
  const solved: Choice[] = []
  for (const part of await partsOf(table, choices)) {
    const rows = await solve(sql, request, part.choices, part.checks)
    if (rows.length === 0)
      return { reason: `no value was found that satisfies ${part.checks.map(({ name }) => name).join(', ')}` }
    solved.push({
      columns: part.choices.flatMap(({ columns }) => columns),
      rows: varied(rows),
      closed: part.checks.length > 0 || part.choices.some(({ closed }) => closed),
    })
  }
  const distinct = distinctParts(table, solved)
  const enough = Math.max(USUAL_ROWS, ...solved.filter(({ closed }) => closed).map(({ rows }) => rows.length + 3))
  const count = style === 'tidy' ? 1 : Math.min(MOST_ROWS, enough)
  const rows = Array.from(
    { length: count },
    (_, n) => Object.assign({}, ...solved.map((part) => rowAt(part, n, distinct.has(part)))) as Row,
  )
  return { rows: rows.map((row, n) => ({ ...row, ...toItself(table, rows, n) })) }
}

/** The first two rows are equal where they may be, the third has the nulls, the others what is left. */
function rowAt({ rows }: Choice, n: number, distinct: boolean): Row {
  const emptiest = rows.reduce((most, row) => (nulls(row) > nulls(most) ? row : most))
  if (n === 2 && nulls(emptiest) > nulls(rows[0]!)) return emptiest
  return rows[(distinct ? n : Math.max(0, n - 2 + Number(n === 1))) % rows.length]!
}

const nulls = (row: Row): number => Object.values(row).filter((value) => value === null).length

/** Rows in an order that shows every value early; those with the fewest nulls first. */
function varied(rows: readonly Row[]): Row[] {
  const rest = rows.toSorted((a, b) => nulls(a) - nulls(b))
  const seen = new Set<string>()
  const fresh = (row: Row): number =>
    Object.entries(row).filter(([name, value]) => value !== null && !seen.has(`${name}=${value}`)).length
  const picked: Row[] = []
  while (rest.length > 0 && picked.length < MOST_ROWS) {
    const best = rest.reduce((at, row, index) => (fresh(row) > fresh(rest[at]!) ? index : at), 0)
    const [row] = rest.splice(best, 1)
    for (const [name, value] of Object.entries(row!)) seen.add(`${name}=${value}`)
    picked.push(row!)
  }
  const emptiest = rest.reduce<Row | null>((most, row) => (nulls(row) > nulls(most ?? picked[0]!) ? row : most), null)
  return emptiest && picked.every((row) => nulls(row) < nulls(emptiest)) ? [...picked, emptiest] : picked
}

/** For each unique set one part that differs in every row: the one with the most values, the last of equals. */
function distinctParts({ uniques }: FillableTable, parts: readonly Choice[]): Set<Choice> {
  const distinct = new Set<Choice>()
  for (const unique of uniques.toSorted((a, b) => a.length - b.length)) {
    const own = unique.map((column) => parts.find(({ columns }) => columns.includes(column)))
    if (own.some((part) => part === undefined || distinct.has(part))) continue // a number of the server, or done
    distinct.add(own.reduce((best, part) => (part!.rows.length >= best!.rows.length ? part : best))!)
  }
  return distinct
}

const refersToItself = ({ qualified }: FillableTable, { table }: Reference): boolean => table === qualified

async function choicesOf({ table, types, candidates, rowsOf }: PlanRequest): Promise<Choice[] | { reason: string }> {
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
    .map(({ name, type, notNull }): Choice => {
      const rows: Row[] = (candidates.get(name) ?? []).map((text) => ({ [name]: text }))
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
function toItself(table: FillableTable, rows: readonly Row[], n: number): Row {
  const nullable = new Set(table.columns.filter(({ notNull }) => !notNull).map(({ name }) => name))
  const own = table.references.filter((reference) => refersToItself(table, reference))
  return Object.assign(
    {},
    ...own.map(({ columns, referenced }) => {
      const target = rows[n === 1 ? 1 : 0]!
      if (n === 2 && columns.some((column) => nullable.has(column)))
        return Object.fromEntries(columns.filter((column) => nullable.has(column)).map((column) => [column, null]))
      const pairs = columns.map((column, at) => [column, target[referenced[at]!] ?? null] as const)
      return Object.fromEntries(pairs.filter(([column]) => !(column in rows[n]!)))
    }),
  ) as Row
}

type Check = FillableTable['checks'][number]

/** Choices that a check ties together, with the checks that are over them alone. */
async function partsOf(
  table: FillableTable,
  choices: readonly Choice[],
): Promise<{ choices: Choice[]; checks: Check[] }[]> {
  let parts = choices.map((choice) => ({ choices: [choice], checks: [] as Check[] }))
  for (const check of table.checks) {
    const { columns } = await spokenIn(check.expression)
    const tied = parts.filter((part) =>
      part.choices.some((choice) => choice.columns.some((column) => columns.has(column))),
    )
    if (tied.length === 0) continue
    const whole = {
      choices: tied.flatMap((part) => part.choices),
      checks: [...tied.flatMap((part) => part.checks), check],
    }
    parts = [...parts.filter((part) => !tied.includes(part)), whole]
  }
  return parts
}

/** The combinations of some choices for which every check holds, as PostgreSQL evaluates them. */
async function solve(
  sql: TransactionSql,
  request: PlanRequest,
  choices: readonly Choice[],
  checks: readonly Check[],
): Promise<readonly Row[]> {
  if (checks.length === 0) return choices[0]!.rows
  const each = Math.max(2, Math.floor(MOST_COMBINATIONS ** (1 / choices.length)))
  // The last row of a choice is its null.
  const lists = choices.map(({ rows }) => (rows.length <= each ? rows : [...rows.slice(0, each - 1), rows.at(-1)!]))
  const combined = lists.reduce<Row[]>(
    (all, list) => all.flatMap((row) => list.map((more) => ({ ...row, ...more }))).slice(0, 2 * MOST_COMBINATIONS),
    [{}],
  )
  const [relation, conditions] = [
    request.table.qualified,
    checks.map(({ expression }) => `(${expression}) is not false`).join(' and '),
  ]
  try {
    const found = await sql.savepoint((tx) =>
      tx.unsafe<{ n: number }[]>(
        `select landfall_n::int as n from jsonb_array_elements($1::text::jsonb) with ordinality as landfall_given(landfall_value, landfall_n),
         lateral jsonb_populate_record(null::${relation}, landfall_value) as landfall_row where ${conditions} order by 1`,
        [`[${jsonTexts(request, combined).join(',')}]`],
      ),
    )
    return found.map(({ n }) => combined[n - 1]!)
  } catch {
    return []
  }
}

/** Rows as the texts of JSON objects; a JSON value goes in as it is, any other as the text that makes it. */
export function jsonTexts({ table, types }: Pick<PlanRequest, 'table' | 'types'>, rows: readonly Row[]): string[] {
  const json = new Set(table.columns.filter(({ type }) => isJson(types.get(type)!, types)).map(({ name }) => name))
  const textOf = ([name, text]: [string, string | null]): string =>
    `${JSON.stringify(name)}:${text !== null && json.has(name) ? text : JSON.stringify(text)}`
  return rows.map((row) => `{${Object.entries(row).map(textOf).join(',')}}`)
}

const isJson = (type: ValueType, types: ReadonlyMap<string, ValueType>): boolean =>
  type.name === 'json' ||
  type.name === 'jsonb' ||
  (type.kind === 'd' && type.of !== null && isJson(types.get(type.of)!, types))
