import { loadModule, type Node, parseSync } from 'libpg-query'
import { field, list, part, text, type Tree } from './syntax-tree.ts'

/** A constant that a constraint allows. */
export type Value = string | number | boolean

/**
 * What one part of a CHECK says about one column. `values` allows exactly these (or elements of an array exactly
 * these); `not-null` refuses NULL; `unknown` restricts the column in a way that is not judged.
 */
export type Restriction =
  | { readonly kind: 'values'; readonly of: 'column' | 'elements'; readonly values: readonly Value[] }
  | { readonly kind: 'not-null' | 'unknown' }

/** What a CHECK says, column by column; the key of a domain's value is `value`. */
export type Restrictions = ReadonlyMap<string, readonly Restriction[]>

/** Loads PostgreSQL's parser; once before `restrictionsOf`. */
export const loadParser = loadModule

/**
 * Reads `pg_get_constraintdef` of a CHECK by a closed grammar over PostgreSQL's own parse tree: lists of constants,
 * alternatives on one column, IS [NOT] NULL, conjunctions. Whatever else a condition holds is `unknown`; a condition on
 * several columns at once says nothing about either.
 */
export function restrictionsOf(definition: string): Restrictions {
  const found = new Map<string, Restriction[]>()
  for (const condition of conjuncts(conditionOf(definition))) {
    const columns = columnsOf(condition)
    const only = columns.size === 1 ? [...columns][0]! : null
    if (only === null) continue
    found.set(only, [...(found.get(only) ?? []), restrict(condition)])
  }
  return found
}

function conditionOf(definition: string): Node | undefined {
  try {
    const { stmts } = parseSync(`alter table t add ${definition}`)
    const statement = stmts?.[0]?.stmt as { AlterTableStmt?: { cmds?: unknown[] } } | undefined
    const command = statement?.AlterTableStmt?.cmds?.[0] as
      | { AlterTableCmd?: { def?: { Constraint?: { raw_expr?: Node } } } }
      | undefined
    return command?.AlterTableCmd?.def?.Constraint?.raw_expr
  } catch {
    // A definition that a newer server writes and this parser cannot read is one that is not judged.
    return undefined
  }
}

function conjuncts(node: unknown): readonly unknown[] {
  if (node === undefined) return []
  const both = part(node, 'BoolExpr')
  return both?.['boolop'] === 'AND_EXPR' ? list(both, 'args').flatMap(conjuncts) : [node]
}

function columnsOf(node: unknown, found: Set<string> = new Set()): Set<string> {
  const column = columnName(node)
  if (column !== null) found.add(column)
  else if (typeof node === 'object' && node !== null) for (const child of Object.values(node)) columnsOf(child, found)
  return found
}

function columnName(node: unknown): string | null {
  const fields = list(part(node, 'ColumnRef'), 'fields')
  return fields.length === 1 ? (text(part(fields[0], 'String'), 'sval') ?? null) : null
}

function restrict(node: unknown): Restriction {
  const test = part(node, 'NullTest')
  if (test !== undefined) {
    if (columnName(test['arg']) === null) return { kind: 'unknown' }
    // A CHECK passes NULL, so IS NULL adds nothing to its alternatives; alone it is no list of values.
    return test['nulltesttype'] === 'IS_NOT_NULL' ? { kind: 'not-null' } : { kind: 'values', of: 'column', values: [] }
  }
  const either = part(node, 'BoolExpr')
  if (either?.['boolop'] === 'OR_EXPR') return union(list(either, 'args').map(restrict))
  const expression = part(node, 'A_Expr')
  return expression === undefined ? { kind: 'unknown' } : comparison(expression)
}

function union(arms: readonly Restriction[]): Restriction {
  const lists = arms.filter((arm) => arm.kind === 'values')
  const targets = new Set(lists.filter(({ values }) => values.length > 0).map(({ of }) => of))
  if (lists.length !== arms.length || targets.size > 1) return { kind: 'unknown' }
  return {
    kind: 'values',
    of: [...targets][0] ?? 'column',
    values: [...new Set(lists.flatMap(({ values }) => values))],
  }
}

function comparison(expression: Tree): Restriction {
  const operator = text(part(list(expression, 'name')[0], 'String'), 'sval')
  const kind = String(expression['kind'])
  const { lexpr, rexpr } = expression
  const [form, constants] = isColumn(lexpr)
    ? [FORMS[`${kind} ${operator}`], rexpr]
    : isColumn(rexpr)
      ? [FLIPPED[`${kind} ${operator}`], lexpr]
      : []
  const values = form === undefined ? null : form.read(constants)
  return values === null ? { kind: 'unknown' } : { kind: 'values', of: form!.of, values }
}

interface Form {
  readonly of: 'column' | 'elements'
  readonly read: (node: unknown) => readonly Value[] | null
}

const single = (node: unknown): readonly Value[] | null => {
  const value = constant(node)
  return value === null ? null : [value]
}

const FORMS: Readonly<Record<string, Form>> = {
  'AEXPR_OP =': { of: 'column', read: single },
  'AEXPR_OP_ANY =': { of: 'column', read: constants },
  'AEXPR_IN =': { of: 'column', read: (node) => all(list(part(node, 'List'), 'items').map(constant)) },
  'AEXPR_OP <@': { of: 'elements', read: constants },
}

/** The same with the column on the right. */
const FLIPPED: Readonly<Record<string, Form>> = {
  'AEXPR_OP =': FORMS['AEXPR_OP =']!,
  'AEXPR_OP @>': FORMS['AEXPR_OP <@']!,
}

// Comparing as one of these changes which texts are equal.
const CASE_FOLDING: ReadonlySet<string> = new Set(['citext'])

/** The column itself, or cast to another type of text, as PostgreSQL writes it for varchar. */
function isColumn(node: unknown): boolean {
  if (columnName(node) !== null) return true
  const cast = part(node, 'TypeCast')
  return cast !== undefined && !CASE_FOLDING.has(castName(cast)) && isColumn(cast['arg'])
}

const castName = (cast: Tree): string => text(part(list(cast['typeName'], 'names').at(-1), 'String'), 'sval') ?? ''

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])

function constant(node: unknown): Value | null {
  const cast = part(node, 'TypeCast')
  if (cast !== undefined) {
    const value = constant(cast['arg'])
    if (value === null || CASE_FOLDING.has(castName(cast)) || list(cast['typeName'], 'arrayBounds').length > 0)
      return null
    return INTEGERS.has(castName(cast))
      ? Number(value)
      : castName(cast) === 'bool'
        ? value === 't' || value === 'true' || value === true
        : value
  }
  const literal = part(node, 'A_Const')
  if (literal === undefined || literal['isnull'] === true) return null
  // Zero, false and '' are written as absent fields.
  if ('sval' in literal) return text(literal['sval'], 'sval') ?? ''
  if ('ival' in literal) return Number(field(literal['ival'], 'ival') ?? 0)
  if ('boolval' in literal) return field(literal['boolval'], 'boolval') === true
  return null
}

function constants(node: unknown): readonly Value[] | null {
  const cast = part(node, 'TypeCast')
  if (cast !== undefined) {
    if (CASE_FOLDING.has(castName(cast))) return null
    const written = text(part(part(cast['arg'], 'A_Const'), 'sval'), 'sval')
    return written === undefined ? constants(cast['arg']) : arrayLiteral(written)
  }
  const array = part(node, 'A_ArrayExpr')
  return array === undefined ? null : all(list(array, 'elements').map(constant))
}

/** `'{a,b}'::text[]` with plain elements; quoting and NULL are left alone. */
const arrayLiteral = (text: string): readonly string[] | null =>
  /^\{[^{}"\\]+\}$/.test(text) && !/\bnull\b/i.test(text) ? text.slice(1, -1).split(',') : null

const all = (values: readonly (Value | null)[]): readonly Value[] | null =>
  values.includes(null) ? null : (values as readonly Value[])
