import type { ISql } from 'postgres'
import { savepoint } from '../transaction.ts'
import { spokenIn } from './constants.ts'
import { choicesOf, nulls, toItself, type Choice, type ChoiceRequest, type Row } from './choices.ts'
import type { FillableTable, ValueType } from './tables.ts'

/**
 * `varied`: equal values where nothing forbids them, nulls where they may be, every label of a closed type ·
 * `tidy`: one row without nulls where possible.
 */
export type Style = 'varied' | 'tidy'

export interface PlanRequest extends ChoiceRequest {
  readonly style: Style
  /** How many rows were planned for the table before: what is unique goes on from there. */
  readonly nth?: number
}

/** Rows that no constraint known beforehand refuses, or why there are none. */
export type Plan = { readonly rows: readonly Row[] } | { readonly reason: string }

const [MOST_ROWS, USUAL_ROWS, MOST_COMBINATIONS] = [12, 5, 1000]

/** Plans the rows of one table. The checks are evaluated by the server, over combinations of candidates. */
export async function planRows(sql: ISql, request: PlanRequest): Promise<Plan> {
  const { table, style, nth = 0 } = request
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
  // Where values run out after two rows, the second has the nulls.
  const emptyAt = [...distinct].some(({ rows }) => rows.length <= 2) ? 1 : 2
  const rows = Array.from(
    { length: count },
    (_, n) =>
      Object.assign({}, ...solved.map((part) => rowAt(part, n, distinct.has(part) ? nth : null, emptyAt))) as Row,
  )
  return { rows: rows.map((row, n) => ({ ...row, ...toItself(table, rows, n, emptyAt) })) }
}

/**
 * The first two rows are equal where they may be, the third has the nulls, the others what is left. `distinctFrom` is
 * null for what need not differ.
 */
function rowAt({ rows }: Choice, n: number, distinctFrom: number | null, emptyAt: number): Row {
  const emptiest = rows.reduce((most, row) => (nulls(row) > nulls(most) ? row : most))
  if (n === emptyAt && nulls(emptiest) > nulls(rows[0]!)) return emptiest
  return rows[(distinctFrom === null ? Math.max(0, n - 2 + Number(n === 1)) : n + distinctFrom) % rows.length]!
}

/** Rows in an order that shows every value early, those of columns with few values first. */
function varied(rows: readonly Row[]): Row[] {
  const rest = rows.toSorted((a, b) => nulls(a) - nulls(b))
  const values = new Map<string, Set<string>>()
  for (const row of rows) {
    for (const [name, value] of Object.entries(row))
      if (value !== null) values.set(name, (values.get(name) ?? new Set()).add(value))
  }
  const seen = new Set<string>()
  const fresh = (row: Row): number =>
    Object.entries(row).reduce(
      (sum, [name, value]) => sum + (value === null || seen.has(`${name}=${value}`) ? 0 : 1 / values.get(name)!.size),
      0,
    )
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
  sql: ISql,
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
    const found = await savepoint(sql, () =>
      sql.unsafe<{ n: number }[]>(
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
