import type { ISql } from 'postgres'
import type { FillableTable } from '../../migrations/data/tables.ts'
import type { Attempt } from './attempt.ts'
import type { Verb } from './isolation.ts'
import type { OwnedRow, OwnedRows, Whose } from './rows.ts'
import { quoted, tenantColumns, tenantExpression, type Tenancies } from './tenancy.ts'

/** What trials of one table need to know. */
export interface Ground {
  readonly table: FillableTable
  readonly tenancies: Tenancies
  readonly rows: OwnedRows
  readonly tenants: readonly [string, string]
  readonly writable: { readonly insert: ReadonlySet<string>; readonly update: ReadonlySet<string> }
}

/** One thing to try. More rows than `allowed` is a breach, and so is a constraint that stops it. */
export interface Trial extends Attempt {
  readonly verb: Verb
  readonly whose: Whose
  readonly columns: readonly string[]
  readonly allowed: number
}

const OTHERS: Readonly<Record<string, readonly Whose[]>> = { 0: [1, null], 1: [0, null], null: [0, null] }

/**
 * What a session must not be able to do to a table: as the tenant `acting`, or as nobody when that is null. Statements
 * go without a condition, which would bring the policies for reading into play, on a table that holds nothing else.
 */
export function trialsOf(ground: Ground, acting: Whose): Trial[] {
  const mine = rowsOf(ground, acting)
  const others = OTHERS[String(acting)]!.filter((whose) => rowsOf(ground, whose).length > 0)
  const own = acting === null ? 0 : mine.length
  return [
    ...others.flatMap((whose) => [
      { ...read(ground, whose, 0), ...alone(ground, whose) },
      ...overwrite(ground, whose),
      { ...removal(ground, whose), ...alone(ground, whose) },
      ...insertion(ground, whose, rowsOf(ground, whose)[0]!.row, 'insert'),
      ...(acting === null || mine.length === 0 ? [] : moves(ground, acting, whose)),
    ]),
    ...(acting === null || mine.length === 0 ? [] : references(ground, acting)),
    // With everything in place: a policy may look at other rows of the table.
    read(ground, others[0] ?? null, own),
    ...touch(ground, others[0] ?? null, own),
  ]
}

/** A tenant sees its own rows: all of them, where there is nothing else. */
export const ownReading = (ground: Ground, acting: 0 | 1): Trial => ({
  ...read(ground, acting, rowsOf(ground, acting).length),
  ...alone(ground, acting),
})

const rowsOf = ({ table, rows }: Ground, whose: Whose): readonly OwnedRow[] =>
  (rows.get(table.qualified) ?? []).filter((each) => each.whose === whose)

const trial = (verb: Verb, whose: Whose, rest: Attempt, allowed = 0, columns: readonly string[] = []): Trial => ({
  verb,
  whose,
  allowed,
  columns,
  ...rest,
})

const read = ({ table }: Ground, whose: Whose, allowed: number): Trial =>
  trial('select', whose, { act: (sql) => countOf(sql, `select count(*)::int as n from ${table.qualified}`) }, allowed)

/** Writes every row that can be read as it is. */
function touch(ground: Ground, whose: Whose, allowed: number): Trial[] {
  const column = writableColumn(ground)
  if (column === null) return []
  const { qualified } = ground.table
  const statement = `update ${qualified} set ${quoted(column)} = ${quoted(column)}`
  return [trial('update', whose, { act: (sql) => written(sql, statement) }, allowed)]
}

/** Writes into every row what the other's row has, without a look at any. */
function overwrite(ground: Ground, whose: Whose): Trial[] {
  const column = writableColumn(ground)
  if (column === null) return []
  const { qualified } = ground.table
  const [{ row }] = rowsOf(ground, whose) as [OwnedRow]
  const statement = `update ${qualified} set ${quoted(column)} = ${valueOf(qualified, column)}`
  return [{ ...trial('update', whose, { act: (sql) => written(sql, statement, [row]) }), ...alone(ground, whose) }]
}

const removal = ({ table }: Ground, whose: Whose): Trial =>
  trial('delete', whose, { act: (sql) => written(sql, `delete from ${table.qualified}`) })

/** Inserts a row where there is none of that owner, with what `columns` have in another row. */
function insertion(
  ground: Ground,
  whose: Whose,
  row: string,
  verb: Verb,
  columns: readonly string[] = [],
  other: string = row,
): Trial[] {
  const { table, writable } = ground
  const names = table.columns.filter(({ name }) => writable.insert.has(name)).map(({ quoted: name }) => name)
  if (names.length === 0) return []
  const statement = `insert into ${table.qualified} (${names.join(', ')}) overriding system value
    select ${names.map((name) => `r.${name}`).join(', ')} from jsonb_populate_record(null::${table.qualified}, $1::text::jsonb ||
      coalesce((select jsonb_object_agg(key, value) from jsonb_each($2::text::jsonb) where key = any ($3::text[])), '{}')) as r`
  const rest: Attempt = {
    prepare: (sql) => [removed(ground, sql, whose, 'is not distinct from')],
    act: async (sql) => (await sql.unsafe(statement, [row, other, [...columns]])).count,
    look: (sql) => owned(ground, sql, whose),
  }
  return [trial(verb, whose, rest, 0, columns)]
}

/** Turns the tenant's own row into the other's. */
function moves(ground: Ground, acting: 0 | 1, whose: Whose): Trial[] {
  const { table, tenancies, writable } = ground
  const own = tenantColumns(tenancies.get(table.qualified)!)
  const bound = table.references.filter((each) => tenancies.has(each.table)).flatMap(({ columns }) => columns)
  const columns = [...new Set([...own, ...bound])].filter((name) => writable.update.has(name))
  if (!own.every((name) => columns.includes(name))) return []
  const [{ row }] = rowsOf(ground, whose) as [OwnedRow]
  return [{ ...rewriting(ground, acting, whose, 'move', columns, row), columns: [] }]
}

/** Lets the tenant's own row name what is the other's. */
function references(ground: Ground, acting: 0 | 1): Trial[] {
  const { table, tenancies, writable } = ground
  const other: Whose = acting === 0 ? 1 : 0
  const [mine, theirs] = [rowsOf(ground, acting)[0], rowsOf(ground, other)[0]]
  if (!mine || !theirs) return []
  const own = tenantColumns(tenancies.get(table.qualified)!)
  const values = JSON.parse(theirs.row) as Record<string, unknown>
  return table.references.flatMap((reference): Trial[] => {
    const columns = reference.columns.filter((name) => !own.includes(name))
    if (!tenancies.has(reference.table) || columns.length === 0 || columns.some((name) => values[name] === null))
      return []
    return [
      ...insertion(ground, acting, mine.row, 'refer', columns, theirs.row),
      ...(columns.every((name) => writable.update.has(name))
        ? [rewriting(ground, acting, acting, 'refer', columns, theirs.row)]
        : []),
    ]
  })
}

/** Writes columns of `row` into the row of the tenant, where there is nothing else; counts what is `whose` then. */
function rewriting(
  ground: Ground,
  acting: 0 | 1,
  whose: Whose,
  verb: Verb,
  columns: readonly string[],
  row: string,
): Trial {
  const { qualified } = ground.table
  const set = columns.map((name) => `${quoted(name)} = ${valueOf(qualified, name)}`)
  const rest: Attempt = {
    ...alone(ground, acting),
    act: (sql) => written(sql, `update ${qualified} set ${set.join(', ')}`, [row]),
    look: (sql) => owned(ground, sql, whose),
  }
  return trial(verb, whose, rest, 0, columns)
}

/** Leaves the rows of one owner alone in the table. */
const alone = (ground: Ground, whose: Whose): Pick<Attempt, 'prepare'> => ({
  prepare: (sql) => [removed(ground, sql, whose, 'is distinct from')],
})

const ownerOf = ({ table, tenancies }: Ground): string => tenantExpression(tenancies, table.qualified, 't')
const idOf = ({ tenants }: Ground, whose: Whose): string | null => (whose === null ? null : tenants[whose])

const removed = (ground: Ground, sql: ISql, whose: Whose, which: 'is distinct from' | 'is not distinct from') =>
  sql.unsafe(`delete from ${ground.table.qualified} as t where ${ownerOf(ground)} ${which} $1::text`, [
    idOf(ground, whose),
  ])

/** How many rows of that owner there are. */
const owned = async (ground: Ground, sql: ISql, whose: Whose): Promise<number> => {
  const query = `select count(*)::int as n from ${ground.table.qualified} as t where ${ownerOf(ground)} is not distinct from $1::text`
  return (await sql.unsafe<{ n: number }[]>(query, [idOf(ground, whose)]))[0]!.n
}

/** A column that the role may write and that no key is made of, if there is one. */
function writableColumn({ table, tenancies, writable }: Ground): string | null {
  const keys = new Set([...table.uniques.flat(), ...tenantColumns(tenancies.get(table.qualified)!)])
  const open = table.columns.filter(({ name, numbered }) => writable.update.has(name) && !numbered)
  return (open.find(({ name }) => !keys.has(name)) ?? open[0])?.name ?? null
}

const valueOf = (table: string, column: string): string =>
  `(jsonb_populate_record(null::${table}, $1::text::jsonb)).${quoted(column)}`

const countOf = async (sql: ISql, query: string): Promise<number> => (await sql.unsafe<{ n: number }[]>(query))[0]!.n

const written = async (sql: ISql, statement: string, values: readonly string[] = []): Promise<number> =>
  (await sql.unsafe(statement, [...values])).count
