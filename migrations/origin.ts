import type { CatalogObject } from './catalog/catalog.ts'
import type { Location } from './error.ts'
import type { Script } from './migration.ts'
import { statementsOf, type Statement } from './script.ts'

/**
 * The line of a script that last defines an object: the catalog has said that this script changed it, the syntax tree
 * says where. Falls back to the last statement that names the relation, then to the first statement (a `DO` block).
 */
export async function locate(
  script: Script,
  object: Pick<CatalogObject, 'kind' | 'name' | 'relation'>,
): Promise<Location> {
  const statements = await statementsOf(script)
  // An index bears the name of its schema, not of its table.
  const part = object.relation !== null && object.name.startsWith(`${object.relation}.`)
  const own = lastPart(part ? object.name.slice(object.relation.length + 1) : object.name)
  const relation = object.relation === null ? null : lastPart(object.relation)
  const about = statements.filter(({ node }) => relation === null || namesIn(node).all.has(relation))
  for (const { node } of about.toReversed()) {
    const offset = namesIn(node).defining.get(own)
    if (offset !== undefined) return { file: script.file, ...placeOfByte(script, offset) }
  }
  const named = about.findLast(({ node }) => namesIn(node).all.has(own)) ?? about.at(-1) ?? statements[0]
  return { file: script.file, line: named?.line ?? script.firstLine, column: named?.column ?? 1 }
}

const NAMES = new Set([
  'colname',
  'conname',
  'relname',
  'newname',
  'idxname',
  'name',
  'trigname',
  'policy_name',
  'stxname',
])

/** The names in a statement's tree. */
interface Names {
  readonly all: ReadonlySet<unknown>
  /** Name → byte offset of the innermost node that carries it as its own. */
  readonly defining: ReadonlyMap<unknown, number>
}

// Each object of a database is looked for in the statements of its script: a tree is gone through once.
const namesOf = new WeakMap<object, Names>()

function namesIn(node: object): Names {
  const known = namesOf.get(node)
  if (known !== undefined) return known
  const all = new Set<unknown>()
  const defining = new Map<unknown, number>()
  walk(node, (value) => {
    const { location } = value
    for (const [key, entry] of Object.entries(value)) {
      if (typeof entry !== 'string') continue
      all.add(entry)
      if (typeof location === 'number' && NAMES.has(key)) defining.set(entry, location)
    }
  })
  const names = { all, defining }
  namesOf.set(node, names)
  return names
}

function walk(node: unknown, visit: (value: Record<string, unknown>) => void): void {
  if (node === null || typeof node !== 'object') return
  if (!Array.isArray(node)) visit(node as Record<string, unknown>)
  for (const child of Object.values(node)) walk(child, visit)
}

/** Line and column of a byte of a script. */
export function placeOfByte(script: Script, offset: number): Pick<Statement, 'line' | 'column'> {
  const lines = Buffer.from(script.sql).subarray(0, offset).toString().split('\n')
  return { line: script.firstLine + lines.length - 1, column: [...lines.at(-1)!].length + 1 }
}

/** `app."Odd name"` → `Odd name`; `app.f(integer)` → `f`. */
function lastPart(name: string): string {
  const part = /(?:^|\.)("(?:[^"]|"")*"|[^."(]+)(?:\(.*\))?$/.exec(name)?.[1] ?? name
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part
}
