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
  const about = statements.filter(({ node }) => relation === null || mentions(node, relation))
  for (const statement of about.toReversed()) {
    const offset = definingOffset(statement.node, own)
    if (offset !== null) return { file: script.file, ...placeOfByte(script, offset) }
  }
  const named = about.findLast(({ node }) => mentions(node, own)) ?? about.at(-1) ?? statements[0]
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

/** The byte offset of the innermost node that carries the object's own name, when the tree has one. */
function definingOffset(node: unknown, name: string): number | null {
  let found: number | null = null
  walk(node, (value) => {
    const location = value['location']
    if (typeof location !== 'number') return
    if (Object.entries(value).some(([key, entry]) => NAMES.has(key) && entry === name)) found = location
  })
  return found
}

function mentions(node: unknown, name: string): boolean {
  let found = false
  walk(node, (value) => {
    found ||= Object.values(value).includes(name)
  })
  return found
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
