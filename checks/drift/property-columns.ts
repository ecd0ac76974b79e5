import type { Relation } from '../../migrations/catalog/relations.ts'
import type { DomainSettings } from '../settings.ts'
import { propertyName } from './names.ts'
import type { DeclaredType, Property } from './type-model.ts'

/** The columns of a type's properties: by tag, else by the driver's name for the column. */
export function columnsByProperty(
  type: DeclaredType,
  relation: Relation,
  names: DomainSettings['names'],
): ReadonlyMap<string, string> {
  const properties = type.properties ?? []
  const byName = (setting: DomainSettings['names']): Map<string, string> => {
    const columns = new Map(relation.columns.map(({ name }) => [propertyName(name, setting), name]))
    return new Map(
      properties.flatMap((property) => {
        const column = columnTag(property) ?? columns.get(property.name)
        return column === undefined ? [] : [[property.name, column]]
      }),
    )
  }
  const [driver, asTheyAre] = [byName(names), byName('none')]
  // A row type that spells the columns as they are is what a query without name conversion gives.
  const found = asTheyAre.size > driver.size ? asTheyAre : driver
  const existing = new Set(relation.columns.map(({ name }) => name))
  return new Map([...found].filter(([, column]) => existing.has(column)))
}

/** The column that a property's tag names, else undefined. */
export const columnTag = (property: Property): string | undefined =>
  property.tags.find(({ name }) => name === 'column')?.argument.split(/\s+/)[0]
