import type { ISql } from 'postgres'
import { savepoint } from '../transaction.ts'
import { messageOf } from '../error.ts'
import { candidatesFor, type Candidates } from './candidates.ts'
import type { Row } from './choices.ts'
import { jsonTexts, planRows, type Plan, type Style } from './plan.ts'
import { unforced } from './row-security.ts'
import type { FillableTable, Tables } from './tables.ts'

/** Rows of the system's own: table, as the catalog names it → each row as the text of a JSON object. */
export type FixtureRows = ReadonlyMap<string, readonly string[]>

export interface FillRequest {
  readonly style: Style
  /** Come before generated rows in the tables that they fit. */
  readonly fixtures: FixtureRows | null
  /** Tables, as the catalog names them; every one without. */
  readonly only?: ReadonlySet<string>
  readonly share?: Share
}

/** Rows of one owner among several in the same tables. */
export interface Share {
  /** Table → column → the text of its only value, or null for none. */
  readonly given: ReadonlyMap<string, Row>
  /** Table → rows, as the texts of `jsonb`, that the new ones may not refer to. */
  readonly apart: ReadonlyMap<string, readonly string[]>
  /** How many shares were there before: what is unique goes on from there. */
  readonly nth: number
}

/** A table that got no rows, and why. */
export interface Unfilled {
  readonly table: string
  readonly reason: string
}

/**
 * Puts rows into the tables of the database, in a transaction of the caller's: equal ones every time for equal
 * tables (`readTables`). PostgreSQL judges each: what it refuses is left out, and a table that takes none is named with the reason.
 */
export async function fillTables(
  sql: ISql,
  read: Tables,
  { style, fixtures, only, share }: FillRequest,
): Promise<Unfilled[]> {
  const tables = read.tables.filter(({ qualified }) => only === undefined || only.has(qualified))
  const all: Tables = { ...read, tables }
  const candidates = givenIn(await candidatesFor(sql, all), share)
  const known = new Map<string, Promise<readonly Row[]>>()
  const rowsOf = (table: string): Promise<readonly Row[]> => {
    const rows = known.get(table) ?? readRows(sql, table, share?.apart.get(table) ?? [])
    known.set(table, rows)
    return rows
  }
  const unfilled: Unfilled[] = []
  for (const table of inOrder(tables)) {
    if (table.partitioned) continue
    await unforced(sql, table.forced ? [table.qualified] : [], async () => {
      const own = candidates.get(table.qualified)!
      const plan = await planRows(sql, {
        table,
        types: all.types,
        candidates: own,
        rowsOf,
        style,
        nth: share?.nth ?? 0,
      })
      const failure = await insertPlanned(sql, all, table, plan, fixtures?.get(table.qualified) ?? [])
      if (failure !== null && (await rowsOf(table.qualified)).length === 0)
        unfilled.push({ table: table.qualified, reason: failure })
    })
  }
  return unfilled
}

/** Referenced tables come before those that refer to them, partitions before the table that they are parts of. */
export function inOrder(tables: readonly FillableTable[]): FillableTable[] {
  const named = new Map(tables.map((table) => [table.qualified, table]))
  const partitions = Map.groupBy(tables, ({ parent }) => parent)
  const referenced = (table: FillableTable, which: (columns: readonly string[]) => boolean): FillableTable[] =>
    table.references.flatMap(({ columns, table: name }) =>
      which(columns) && named.has(name) ? [named.get(name)!] : [],
    )
  const needed = (table: FillableTable): FillableTable[] => [
    ...referenced(table, (columns) => !isOpen(table, columns)),
    ...(table.partitioned ? (partitions.get(table.qualified) ?? []) : []),
  ]
  const needs = (table: FillableTable, other: FillableTable, seen = new Set([table])): boolean =>
    needed(table).some((each) => each === other || (!seen.has(each) && needs(each, other, seen.add(each))))
  const begun = new Set<FillableTable>()
  const ordered: FillableTable[] = []
  const visit = (table: FillableTable): void => {
    if (begun.has(table)) return
    begun.add(table)
    for (const each of needed(table)) visit(each)
    // A reference that may be null does not wait for a table that waits for this one: so a cycle opens.
    for (const each of referenced(table, (columns) => isOpen(table, columns))) if (!needs(each, table)) visit(each)
    ordered.push(table)
  }
  for (const table of tables) visit(table)
  return ordered
}

const isOpen = ({ columns }: FillableTable, names: readonly string[]): boolean =>
  columns.some(({ name, notNull }) => !notNull && names.includes(name))

const givenIn = (candidates: Candidates, share: Share | undefined): Candidates =>
  share === undefined
    ? candidates
    : new Map(
        [...candidates].map(([table, own]) => {
          const given = Object.entries(share.given.get(table) ?? {})
          return [
            table,
            new Map([...own, ...given.map(([name, text]) => [name, text === null ? [] : [text]] as const)]),
          ]
        }),
      )

/** Inserts fixtures where there are any that fit, else what is planned. The reason when no row went in. */
async function insertPlanned(
  sql: ISql,
  tables: Tables,
  table: FillableTable,
  plan: Plan,
  own: readonly string[],
): Promise<string | null> {
  const planned = 'rows' in plan ? jsonTexts({ table, types: tables.types }, plan.rows) : []
  if (own.length > 0) {
    const rows = own.map((given, n) => ({ base: planned.length === 0 ? '{}' : planned[n % planned.length]!, given }))
    if ((await insertRows(sql, table, rows)) === null) return null
  }
  if (!('rows' in plan)) return plan.reason
  return insertRows(
    sql,
    table,
    planned.map((base) => ({ base, given: '{}' })),
  )
}

interface GivenRow {
  /** What is generated, and what is given on top of it: texts of JSON objects. */
  readonly base: string
  readonly given: string
}

/** All rows at once; when that is refused, those that are taken one by one. The refusal when none is. */
async function insertRows(sql: ISql, table: FillableTable, rows: readonly GivenRow[]): Promise<string | null> {
  const whole = await insert(sql, table, rows)
  if (whole === null || rows.length === 1) return whole
  let [last, taken] = [whole, false]
  for (const row of rows) {
    const refusal = await insert(sql, table, [row])
    taken ||= refusal === null
    last = refusal ?? last
  }
  return taken ? null : last
}

async function insert(
  sql: ISql,
  { qualified, columns }: FillableTable,
  rows: readonly GivenRow[],
): Promise<string | null> {
  const keys = new Set(
    rows
      .slice(0, 1)
      .flatMap(({ base, given }) => Object.keys({ ...(JSON.parse(base) as object), ...(JSON.parse(given) as object) })),
  )
  const names = columns.filter(({ name }) => keys.has(name)).map(({ quoted }) => quoted)
  const values =
    names.length === 0
      ? 'default values'
      : `(${names.join(', ')}) overriding system value
    select ${names.map((name) => `landfall_row.${name}`).join(', ')} from unnest($1::text[], $2::text[]) as landfall_given(base, given),
    lateral jsonb_populate_record(null::${qualified}, base::jsonb || given::jsonb) as landfall_row`
  try {
    await savepoint(sql, async () => {
      await sql.unsafe(
        `insert into ${qualified} ${values}`,
        names.length === 0 ? [] : [rows.map(({ base }) => base), rows.map(({ given }) => given)],
      )
      await sql`set constraints all immediate`
    })
    return null
  } catch (error) {
    if (sqlstateOf(error) === null) throw error
    return messageOf(error)
  }
}

const sqlstateOf = (error: unknown): string | null =>
  error instanceof Error && error.name === 'PostgresError' ? String((error as { code?: string }).code) : null

const READ_ROWS = 12

async function readRows(sql: ISql, table: string, apart: readonly string[]): Promise<readonly Row[]> {
  try {
    const rows = await savepoint(sql, () =>
      sql.unsafe<{ row: Row }[]>(
        `select (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(landfall_row))) as row from ${table} as landfall_row
         where to_jsonb(landfall_row)::text <> all ($1::text[]) limit ${READ_ROWS}`,
        [[...apart]],
      ),
    )
    return rows.map(({ row }) => row)
  } catch {
    return [] // of a role that this one may not read
  }
}
