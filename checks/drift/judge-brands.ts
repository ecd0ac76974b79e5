import type { Relation } from '../../migrations/catalog/relations.ts'
import type { DriftDifference } from './difference.ts'
import { columnObject, type Comparison } from './judge-columns.ts'
import { shown } from './judgement.ts'
import { columnsByProperty } from './property-columns.ts'
import { type Property, unionOf, valueArms } from './type-model.ts'

/** With `ids: 'brand'`: a foreign key has the type of the key that it points to, column by column. */
export function judgeBrands(comparisons: readonly Comparison[]): DriftDifference[] {
  const rows = comparisons.filter(({ pair }) => pair.shape === 'row')
  const propertyOf = (relation: string, column: string): Property | undefined => {
    const comparison = rows.find(({ pair }) => pair.relation.qualified === relation)
    return comparison === undefined ? undefined : propertyFor(comparison, column)
  }
  return rows.flatMap((comparison) =>
    references(comparison.pair.relation).flatMap(({ column, target, key }): DriftDifference[] => {
      const [own, other] = [propertyFor(comparison, column), propertyOf(target, key)]
      if (own === undefined || other === undefined) return []
      const [is, should] = [own, other].map(({ type }) => shown(unionOf(valueArms(type))))
      if (is === should) return []
      const { pair, originOf } = comparison
      const object = columnObject(pair.relation, column)
      return [
        {
          rule: 'drift/fk-brand-mismatch',
          message: `${pair.type.name}.${own.name} is ${is}, but ${object} points to ${target}, whose key is ${should}`,
          object,
          type: pair.type.name,
          location: own.location,
          other: originOf(object),
          fix: { typescript: `${own.name}: ${own.text.replace(is!, should!)}`, sql: null },
        },
      ]
    }),
  )
}

const references = ({ constraints }: Relation): { column: string; target: string; key: string }[] =>
  constraints.flatMap(({ columns, references: to }) =>
    to === null ? [] : columns.map((column, index) => ({ column, target: to.relation, key: to.columns[index]! })),
  )

function propertyFor({ pair, names }: Comparison, column: string): Property | undefined {
  const columns = columnsByProperty(pair.type, pair.relation, names)
  return pair.type.properties?.find(({ name }) => columns.get(name) === column)
}
