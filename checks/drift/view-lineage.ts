import { parseSync } from 'libpg-query'
import type { Relation } from '../../migrations/catalog/relations.ts'
import { field, list, part, text } from './syntax-tree.ts'

/** Whether a column may be null; null where that is not known. */
export type Nullable = boolean | null

/** What the columns of the relations that a view is made from are known to be. */
export type NullableOf = (relation: string, column: string) => Nullable

/** A relation of FROM, by the name that the query calls it. */
interface Source {
  readonly name: string
  readonly nullable: (column: string) => Nullable
  /** True when an outer join may give a row of nulls instead. */
  readonly outer: boolean
}

/**
 * Whether each column of a view may be null, in order, as far as its query tells: a plain reference is what its column
 * is, unless an outer join or a condition stands between; counts, constants and COALESCE of them are there. Everything
 * else is not known. The SQL parser must be loaded.
 */
export function viewNullability({ query, columns }: Relation, nullableOf: NullableOf): Nullable[] {
  const unknown = columns.map(() => null)
  if (query === null) return unknown
  try {
    const found = selected(part(parseSync(query).stmts?.[0]?.stmt, 'SelectStmt'), nullableOf)
    return found?.length === columns.length ? found.map(({ nullable }) => nullable) : unknown
  } catch {
    return unknown // written by a newer server than this parser knows
  }
}

interface Selected {
  readonly name: string | undefined
  readonly nullable: Nullable
}

function selected(select: unknown, nullableOf: NullableOf): Selected[] | null {
  const grouped = list(select, 'groupClause').some((clause) => part(clause, 'GroupingSet') !== undefined)
  if (select === undefined || text(select, 'op') !== 'SETOP_NONE' || grouped) return null
  if (field(select, 'withClause') !== undefined) return null
  const conditions: unknown[] = [field(select, 'whereClause'), field(select, 'havingClause')]
  const sources = list(select, 'fromClause').flatMap((item) => sourcesOf(item, nullableOf, conditions))
  const filtered = namesIn(conditions)
  return list(select, 'targetList').map((target) => {
    const value = part(part(target, 'ResTarget'), 'val')
    const name = text(part(target, 'ResTarget'), 'name') ?? columnParts(value)?.at(-1)
    return { name, nullable: nullability(value, sources, filtered) }
  })
}

/** The relations of an item of FROM; the conditions of inner joins filter rows as WHERE does. */
function sourcesOf(item: unknown, nullableOf: NullableOf, conditions: unknown[], outer = false): Source[] {
  const table = part(item, 'RangeVar')
  if (table !== undefined) {
    const qualified = [text(table, 'schemaname'), text(table, 'relname')].filter((one) => one !== undefined).join('.')
    const name = text(part(table, 'alias'), 'aliasname') ?? text(table, 'relname')!
    const renamed = list(part(table, 'alias'), 'colnames').length > 0
    return [{ name, outer, nullable: (column) => (renamed ? null : nullableOf(qualified, column)) }]
  }
  const inner = part(item, 'RangeSubselect')
  if (inner !== undefined) {
    const columns = selected(part(part(inner, 'subquery'), 'SelectStmt'), nullableOf)
    const name = text(part(inner, 'alias'), 'aliasname') ?? ''
    const nullable = (column: string): Nullable => columns?.find((one) => one.name === column)?.nullable ?? null
    return [{ name, outer, nullable }]
  }
  const join = part(item, 'JoinExpr')
  if (join === undefined || field(join, 'alias') !== undefined) return [OPAQUE]
  const type = text(join, 'jointype')
  if (type === 'JOIN_INNER' && !outer) conditions.push(field(join, 'quals'))
  return [
    ...sourcesOf(join['larg'], nullableOf, conditions, outer || type === 'JOIN_RIGHT' || type === 'JOIN_FULL'),
    ...sourcesOf(join['rarg'], nullableOf, conditions, outer || type === 'JOIN_LEFT' || type === 'JOIN_FULL'),
  ]
}

// A function, a lateral expression, a join with a name of its own.
const OPAQUE: Source = { name: '', nullable: () => null, outer: false }

function nullability(value: unknown, sources: readonly Source[], filtered: ReadonlySet<string>): Nullable {
  const parts = columnParts(value)
  if (parts !== null) return plainColumn(parts, sources, filtered)
  const cast = part(value, 'TypeCast')
  if (cast !== undefined) return nullability(cast['arg'], sources, filtered) === false ? false : null
  const coalesced = part(value, 'CoalesceExpr')
  if (coalesced !== undefined) {
    return list(coalesced, 'args').some((arg) => nullability(arg, sources, filtered) === false) ? false : null
  }
  const constant = part(value, 'A_Const')
  if (constant !== undefined) return constant['isnull'] === true ? null : false
  const called = list(part(value, 'FuncCall'), 'funcname').map((one) => text(part(one, 'String'), 'sval'))
  if (called.at(-1) === 'count') return false
  const exists = text(part(value, 'SubLink'), 'subLinkType') === 'EXISTS_SUBLINK'
  return exists || part(value, 'NullTest') !== undefined ? false : null
}

function plainColumn(parts: readonly string[], sources: readonly Source[], filtered: ReadonlySet<string>): Nullable {
  const [column, table] = [parts.at(-1)!, parts.at(-2)]
  const [source, other] = sources.filter(({ name }) => table === undefined || name === table)
  if (source === undefined || other !== undefined) return null
  const nullable = source.nullable(column)
  if (nullable === false && !source.outer) return false
  // A condition on the column, or on the relation of an outer join, may have taken the nulls away.
  if (nullable === null || filtered.has(column) || (source.outer && filtered.has(`${source.name}.`))) return null
  return true
}

function columnParts(value: unknown): string[] | null {
  const fields = list(part(value, 'ColumnRef'), 'fields').map((one) => text(part(one, 'String'), 'sval'))
  return fields.length > 0 && fields.every((one) => one !== undefined) ? fields : null
}

/** The columns that conditions speak of, and their relations with a dot behind. */
function namesIn(node: unknown, found: Set<string> = new Set()): ReadonlySet<string> {
  const parts = columnParts(node)
  if (parts !== null) {
    found.add(parts.at(-1)!)
    if (parts.length > 1) found.add(`${parts.at(-2)}.`)
  } else if (typeof node === 'object' && node !== null) for (const child of Object.values(node)) namesIn(child, found)
  return found
}
