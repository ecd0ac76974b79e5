import type { CatalogObject } from '../catalog/catalog.ts'
import type { Migration } from '../migration.ts'
import { statementsOf } from '../script.ts'
import type { FillableTable, Tables, ValueType } from './tables.ts'

/** Statements that may reach any table without naming it. */
const REACHES_ANYTHING = new Set([
  'DoStmt',
  'CallStmt',
  'SelectStmt',
  'DropOwnedStmt',
  'AlterExtensionStmt',
  'CreateSchemaStmt',
  'ExecuteStmt',
])
const WHOLE_SCOPES = /\b(schema|extension|role|owned)\b/i

/**
 * The tables whose rows a migration can reach: those that it names, those that have a column of a type that it names,
 * what refers to them, and everything when it runs code of its own or triggers do.
 */
export async function reachedTables(
  { tables, types }: Tables,
  migration: Migration,
  before: readonly CatalogObject[],
): Promise<Set<string>> {
  const all = new Set(tables.map(({ qualified }) => qualified))
  const scripts = [migration.up, ...(migration.down ? [migration.down] : [])]
  const statements = (await Promise.all(scripts.map((script) => statementsOf(script).catch(() => [])))).flat()
  if (
    statements.some(({ node, sql }) =>
      Object.keys(node).some((kind) => REACHES_ANYTHING.has(kind) || (kind === 'DropStmt' && WHOLE_SCOPES.test(sql))),
    )
  )
    return all
  const text = statements.map(({ sql }) => sql.toLowerCase()).join('\n')
  const isNamed = (table: FillableTable): boolean =>
    text.includes(table.name.toLowerCase()) ||
    table.columns.some(({ type }) => namesOf(type, types).some((name) => text.includes(name.toLowerCase())))
  const reached = new Set(tables.filter(isNamed).map(({ qualified }) => qualified))
  grow(
    reached,
    tables,
    (table, into) =>
      table.references.some((reference) => into.has(reference.table)) ||
      (table.parent !== null && into.has(table.parent)),
  )
  return before.some(({ kind, relation }) => kind === 'trigger' && relation !== null && reached.has(relation))
    ? all
    : reached
}

/** With the tables that their rows must refer to, and the partitions that hold those. */
export function withReferenced(reached: ReadonlySet<string>, tables: readonly FillableTable[]): Set<string> {
  const needed = new Set(reached)
  const referenced = (into: ReadonlySet<string>): Set<string> =>
    new Set(
      tables
        .filter(({ qualified }) => into.has(qualified))
        .flatMap(({ references, parent }) => [
          ...references.map(({ table }) => table),
          ...(parent === null ? [] : [parent]),
        ]),
    )
  grow(
    needed,
    tables,
    (table, into) => referenced(into).has(table.qualified) || (table.parent !== null && into.has(table.parent)),
  )
  return needed
}

function grow(
  set: Set<string>,
  tables: readonly FillableTable[],
  belongs: (table: FillableTable, set: ReadonlySet<string>) => boolean,
): void {
  for (let size = -1; size !== set.size;) {
    size = set.size
    for (const table of tables) if (!set.has(table.qualified) && belongs(table, set)) set.add(table.qualified)
  }
}

/** Names of the types that a migration can have made, through arrays, domains and composites. */
function namesOf(id: string, types: ReadonlyMap<string, ValueType>, seen = new Set<string>()): string[] {
  const type = types.get(id)
  if (!type || seen.has(id)) return []
  seen.add(id)
  const parts = [...(type.of === null ? [] : [type.of]), ...type.attributes.map((attribute) => attribute.type)]
  return [...(type.kind === 'b' ? [] : [type.name]), ...parts.flatMap((part) => namesOf(part, types, seen))]
}
