import { scanSync } from 'libpg-query'
import type { Location } from '../../migrations/error.ts'
import type { Script } from '../../migrations/migration.ts'
import { placeOfByte } from '../../migrations/origin.ts'
import { statementsOf, type Statement } from '../../migrations/script.ts'
import type { RuleId } from '../rules.ts'
import {
  otherStatement,
  PORTABLE_CHANGES,
  PORTABLE_FUNCTIONS,
  PORTABLE_OBJECTS,
  PORTABLE_STATEMENTS,
  RENAMED_OBJECTS,
} from './vendor-statements.ts'
import { judgeType } from './vendor-types.ts'

/** Something in a script that is PostgreSQL's alone, or means something else in SQLite. */
export interface VendorUse {
  readonly rule: RuleId
  /** `jsonb`, `concurrently`, `now()`: as people call it. */
  readonly what: string
  /** What is so in SQLite, and what to write instead. */
  readonly message: string
  readonly location: Location & { readonly line: number }
  /** The lines of its statement. */
  readonly from: number
  readonly to: number
}

type Tree = Readonly<Record<string, unknown>>
type Use = Pick<VendorUse, 'rule' | 'what' | 'message'>
/** Looks at one node of the tree; `parent` is the node around it. */
type Judge = (node: Tree, parent: Tree) => readonly Use[]

/** What is not portable in a script, in its order. A script that PostgreSQL cannot parse has none: it fails to run. */
export async function vendorUses(script: Script): Promise<VendorUse[]> {
  const statements = await statementsOf(script).catch(() => [])
  const uses = statements.flatMap((statement) => usesIn(script, statement))
  return uses.toSorted(
    (a, b) => a.location.line - b.location.line || (a.location.column ?? 0) - (b.location.column ?? 0),
  )
}

function usesIn(script: Script, statement: Statement): VendorUse[] {
  const start = { file: script.file, line: statement.line, column: statement.column }
  const span = { from: statement.line, to: statement.line + statement.sql.split('\n').length - 1 }
  const [kind] = Object.keys(statement.node)
  const at = (use: Use, location: VendorUse['location']): VendorUse => ({ ...use, location, ...span })
  if (!PORTABLE_STATEMENTS.has(kind!)) {
    const [what, instead] = otherStatement(kind!)
    return [at({ rule: 'portable/vendor-statement', what, message: `SQLite has no ${what}: ${instead}` }, start)]
  }
  const found: VendorUse[] = []
  walk(statement.node, {}, start, (node, parent, name, near) => {
    for (const use of JUDGES[name]?.(node, parent) ?? []) found.push(at(use, near))
  })
  for (const cast of castsIn(script, statement)) found.push(at(CAST, cast))
  return found

  /** Every node with its kind and the nearest place that is known: a node's own, else that of the one around it. */
  function walk(
    value: unknown,
    parent: Tree,
    near: VendorUse['location'],
    visit: (node: Tree, parent: Tree, kind: string, near: VendorUse['location']) => void,
    key = '',
  ): void {
    if (Array.isArray(value)) for (const each of value) walk(each, parent, near, visit, key)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    const node = value as Tree
    const place =
      typeof node['location'] === 'number' ? { file: script.file, ...placeOfByte(script, node['location']) } : near
    visit(node, parent, NODE_KINDS[key] ?? key, place)
    for (const [name, child] of Object.entries(node)) walk(child, node, place, visit, name)
  }
}

/** Nodes that stand without the name of their kind. */
const NODE_KINDS: Readonly<Record<string, string>> = { relation: 'RangeVar', typeName: 'TypeName' }

const CAST: Use = {
  rule: 'portable/vendor-expression',
  what: '::',
  message: 'SQLite does not read ::, write cast(… as …)',
}

/** The tree has one node for both ways to write a cast. */
function castsIn(script: Script, statement: Statement): VendorUse['location'][] {
  const bytes = Buffer.from(statement.sql)
  return scanSync(statement.sql)
    .tokens.filter(({ text }) => text === '::')
    .map(({ start }) => {
      const rows = bytes.subarray(0, start).toString().split('\n')
      const column = [...rows.at(-1)!].length + (rows.length === 1 ? statement.column : 1)
      return { file: script.file, line: statement.line + rows.length - 1, column }
    })
}

const clause = (what: string, instead = 'leave it out'): Use => ({
  rule: 'portable/vendor-clause',
  what,
  message: `SQLite has no ${what}: ${instead}`,
})
const index = (what: string, instead: string): Use => ({
  rule: 'portable/vendor-index',
  what,
  message: `SQLite has no ${what}: ${instead}`,
})
const expression = (what: string, instead: string): Use => ({
  rule: 'portable/vendor-expression',
  what,
  message: `SQLite has no ${what}: ${instead}`,
})
const when = (condition: unknown, use: Use): Use[] => (condition ? [use] : [])
const names = (list: unknown): string[] =>
  ((list ?? []) as { String?: { sval: string } }[]).flatMap(({ String: text }) => (text ? [text.sval] : []))

const JUDGES: Readonly<Record<string, Judge>> = {
  RangeVar: ({ schemaname: schema, relpersistence: persistence }) => [
    ...when(schema, clause(`schema ${String(schema)}`, 'leave the name unqualified; migrations.schema places it')),
    ...when(persistence === 'u', clause('unlogged tables', 'write create table')),
  ],
  TypeName: ({ names: parts, arrayBounds: bounds }, parent) => {
    const name = names(parts).at(-1)!
    const verdict = judgeType(name, bounds !== undefined)
    const column = parent['colname'] as string | undefined
    const of = column === undefined ? '' : ` (${column})`
    const what = `${name}${bounds === undefined ? '' : '[]'}`
    if (verdict !== null)
      return [{ rule: verdict.rule, what, message: `${what}${of}: ${verdict.why}; write ${verdict.instead}` }]
    return when(name === 'int4' && /(^|_)(at|time|timestamp|ms|millis)$/.test(column ?? ''), {
      rule: 'portable/narrow-integer',
      what: `integer ${column}`,
      message: `${column} looks like a time, and an integer of PostgreSQL ends at 2147483647: write bigint`,
    })
  },
  CreateStmt: (node) => [
    ...when(node['inhRelations'], clause('inherits')),
    ...when(node['partspec'] ?? node['partbound'], clause('partitions')),
    ...when(node['options'], clause('storage parameters')),
    ...when(node['tablespacename'], clause('tablespace')),
    ...when(node['ofTypename'], clause('create table of', 'name the columns')),
  ],
  TableLikeClause: () => [clause('like', 'name the columns')],
  Constraint: ({ contype: type, nulls_not_distinct: notDistinct }) => [
    ...when(type === 'CONSTR_IDENTITY', clause('generated as identity', 'let the application give ids')),
    ...when(type === 'CONSTR_EXCLUSION', clause('exclude', 'hold it in the application')),
    ...when(notDistinct, clause('nulls not distinct')),
  ],
  IndexStmt: (node) => [
    ...when(node['whereClause'], {
      rule: 'portable/partial-index',
      what: 'partial index',
      message: `${String(node['idxname'] ?? 'an index')} is partial: index all rows, with the column of the condition first`,
    }),
    ...when(node['concurrent'], index('concurrently', 'write create index; a SQLite file is locked for that moment')),
    ...when(
      (node['accessMethod'] ?? 'btree') !== 'btree',
      index(`using ${String(node['accessMethod'])}`, 'write a plain index, or none'),
    ),
    ...when(node['indexIncludingParams'], index('include', 'put the columns at the end of the index')),
    ...when(node['options'], index('storage parameters of indexes', 'leave them out')),
    ...when(node['nulls_not_distinct'], index('nulls not distinct', 'leave it out')),
  ],
  IndexElem: ({ opclass, nulls_ordering: nulls }) => [
    ...when(opclass, index(`operator class ${names(opclass).join('.')}`, 'leave it out')),
    ...when(
      nulls !== undefined && nulls !== 'SORTBY_NULLS_DEFAULT',
      index('nulls first or last in an index', 'leave it out'),
    ),
  ],
  AlterTableStmt: ({ cmds }) =>
    when((cmds as unknown[]).length > 1, clause('several changes in one alter table', 'write an alter table for each')),
  AlterTableCmd: ({ subtype, missing_ok: ifExists, behavior }) => [
    ...when(!PORTABLE_CHANGES.has(String(subtype)), {
      rule: 'portable/vendor-statement',
      what: `alter table ${changeName(String(subtype))}`,
      message: `SQLite only adds, drops and renames columns, and has no ${changeName(String(subtype))}: say it where the column or the table is made, or make the table anew and copy its rows`,
    }),
    ...when(ifExists, clause('if exists of columns', 'write the change without it')),
    ...when(behavior === 'DROP_CASCADE', clause('cascade', 'drop what depends on it before')),
  ],
  RenameStmt: ({ renameType: type }) =>
    when(!RENAMED_OBJECTS.has(String(type)), {
      rule: 'portable/vendor-statement',
      what: 'rename',
      message: `SQLite renames tables and columns alone: drop the ${objectName(type)}, and make it anew`,
    }),
  DropStmt: ({ removeType: type, behavior, concurrent, objects }) => [
    ...when(!PORTABLE_OBJECTS.has(String(type)), {
      rule: 'portable/vendor-statement',
      what: `drop ${objectName(type)}`,
      message: `SQLite has no ${objectName(type)}s: leave it out`,
    }),
    ...when(behavior === 'DROP_CASCADE', clause('cascade', 'drop what depends on it before')),
    ...when(concurrent, index('concurrently', 'write drop index')),
    ...when((objects as unknown[]).length > 1, clause('drop of several at once', 'write a drop for each')),
  ],
  FuncCall: ({ funcname }) => {
    const name = names(funcname).at(-1)!
    return when(!PORTABLE_FUNCTIONS.has(name), expression(`${name}()`, 'give the value from the application'))
  },
  SQLValueFunction: ({ op }) => {
    const name = String(op).replace('SVFOP_', '').toLowerCase()
    return [expression(`${name} that is the same`, 'give the value from the application')]
  },
  A_ArrayExpr: () => [expression('arrays', 'write in (…), or JSON as text')],
  A_Expr: ({ kind, name }) => [
    ...when(kind === 'AEXPR_ILIKE', expression('ilike', 'compare lower(…), or ask by the application')),
    ...when(
      kind === 'AEXPR_LIKE',
      expression('like that tells upper case from lower', 'compare a beginning by substr(…)'),
    ),
    ...when(kind === 'AEXPR_SIMILAR', expression('similar to', 'ask by the application')),
    ...when(kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL', expression('any and all', 'write in (…)')),
    ...when(
      names(name).some((operator) => !OPERATORS.has(operator)),
      expression(`operator ${names(name).join('.')}`, 'use one that both have'),
    ),
  ],
  SelectStmt: ({ lockingClause, distinctClause }) => [
    ...when(lockingClause, clause('for update')),
    ...when(
      (distinctClause as unknown[] | undefined)?.some((each) => Object.keys(each as object).length > 0),
      clause('distinct on', 'group by the column'),
    ),
  ],
  DeleteStmt: ({ usingClause }) => when(usingClause, clause('delete … using', 'write where … in (select …)')),
}

const OPERATORS: ReadonlySet<string> = new Set([
  '=',
  '<>',
  '<',
  '>',
  '<=',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '||',
  '~~', // like, which is told apart by its kind
  '!~~',
  '~~*',
  '!~~*',
  '&',
  '|',
  '<<',
  '>>',
  'BETWEEN',
  'NOT BETWEEN',
])

/** `AT_SetNotNull` → `set not null`. */
const changeName = (subtype: string): string =>
  subtype
    .replace(/^AT_/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()

const objectName = (type: unknown): string =>
  String(type).replace('OBJECT_', '').replaceAll('_', ' ').toLowerCase().replace('tabconstraint', 'constraint')
