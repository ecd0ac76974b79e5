import type { CatalogObject } from '../catalog/catalog.ts'
import { relationsOf } from '../catalog/relations.ts'
import type { FillableTable, Tables } from './tables.ts'

/** The tables with the references that a migration adds to columns that are there already: tidy rows satisfy them beforehand. */
export function withReferences({ tables, types }: Tables, after: readonly CatalogObject[]): Tables {
  const later = new Map(relationsOf({ objects: after }).map((relation) => [relation.qualified, relation.constraints]))
  const named = new Map(tables.map((table) => [table.qualified, table]))
  const has = (table: FillableTable | undefined, columns: readonly string[]): boolean =>
    table !== undefined && columns.every((column) => table.columns.some(({ name }) => name === column))
  const comingTo = (table: FillableTable): FillableTable['references'] =>
    (later.get(table.qualified) ?? []).flatMap(({ columns, references }) => {
      if (references === null || !has(table, columns) || !has(named.get(references.relation), references.columns))
        return []
      if (table.references.some((known) => known.columns.join() === columns.join())) return []
      return [{ columns, table: references.relation, referenced: references.columns }]
    })
  return { types, tables: tables.map((table) => ({ ...table, references: [...table.references, ...comingTo(table)] })) }
}
