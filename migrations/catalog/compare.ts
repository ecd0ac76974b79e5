import { isDeepStrictEqual } from 'node:util'
import { objectKey, type CatalogObject } from './catalog.ts'

/** One object that is not what it should be. */
export interface CatalogDifference {
  readonly kind: string
  readonly name: string
  readonly relation: string | null
  /** `missing`: expected and not there · `extra`: there and not expected. */
  readonly change: 'missing' | 'extra' | 'changed'
  /** True when only the order of columns or a generated name differs. */
  readonly cosmetic: boolean
  /** The fields of the definition that differ, for `changed`. */
  readonly fields: readonly string[]
  readonly expected: CatalogObject | null
  readonly actual: CatalogObject | null
}

/** `none` identical · `cosmetic` a warning · `schema` different. */
export type Verdict = 'none' | 'cosmetic' | 'schema'

/** What `actual` lacks or has too much, compared with `expected`; parts of a missing or extra relation are not repeated. */
export function compareCatalogs(
  expected: readonly CatalogObject[],
  actual: readonly CatalogObject[],
): CatalogDifference[] {
  const [before, after] = [byKey(expected), byKey(actual)]
  const differences: CatalogDifference[] = []
  for (const [key, object] of before) {
    const other = after.get(key)
    if (!other) differences.push(difference('missing', object, null))
    else if (!isDeepStrictEqual(object.definition, other.definition)) {
      differences.push({
        ...difference('changed', object, other),
        fields: changedFields(object.definition, other.definition),
      })
    } else if (!isDeepStrictEqual(object.cosmetic, other.cosmetic)) {
      differences.push({
        ...difference('changed', object, other),
        cosmetic: true,
        fields: changedFields(object.cosmetic, other.cosmetic),
      })
    }
  }
  for (const [key, object] of after) if (!before.has(key)) differences.push(difference('extra', null, object))
  return pairRenamed(withoutParts(differences))
}

export const verdictOf = (differences: readonly CatalogDifference[]): Verdict =>
  differences.length === 0 ? 'none' : differences.every(({ cosmetic }) => cosmetic) ? 'cosmetic' : 'schema'

const byKey = (objects: readonly CatalogObject[]): Map<string, CatalogObject> =>
  new Map(objects.map((object) => [objectKey(object), object]))

function difference(
  change: CatalogDifference['change'],
  expected: CatalogObject | null,
  actual: CatalogObject | null,
): CatalogDifference {
  const { kind, name, relation } = (expected ?? actual)!
  return { kind, name, relation, change, cosmetic: false, fields: [], expected, actual }
}

const changedFields = (a: CatalogObject['definition'], b: CatalogObject['definition']): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((field) => !isDeepStrictEqual(a[field], b[field]))

function withoutParts(differences: readonly CatalogDifference[]): CatalogDifference[] {
  const whole = new Map(
    differences
      .filter(({ relation, change }) => relation === null && change !== 'changed')
      .map((d) => [d.name, d.change]),
  )
  const ownedBy = ({ expected, actual }: CatalogDifference): string | null => {
    const column = (expected ?? actual)!.definition['ownedBy']
    return typeof column === 'string' ? column.slice(0, column.lastIndexOf('.')) : null
  }
  return differences.filter((d) => {
    const owner = d.relation ?? ownedBy(d)
    return owner === null || whole.get(owner) !== d.change
  })
}

/** A constraint that went and came back under another generated name is the same constraint. */
function pairRenamed(differences: readonly CatalogDifference[]): CatalogDifference[] {
  const paired = new Set<CatalogDifference>()
  for (const missing of differences) {
    if (missing.change !== 'missing' || !isGeneratedName(missing)) continue
    const extra = differences.find(
      (d) =>
        d.change === 'extra' &&
        !paired.has(d) &&
        d.kind === missing.kind &&
        d.relation === missing.relation &&
        isGeneratedName(d) &&
        sameButName(missing, d),
    )
    if (extra) paired.add(missing).add(extra)
  }
  return differences.map((d) => (paired.has(d) ? { ...d, cosmetic: true, fields: ['name'] } : d))
}

// PostgreSQL's own pattern for a constraint that nobody named: table_column_check1.
function isGeneratedName({ kind, relation, name }: CatalogDifference): boolean {
  if (kind !== 'constraint' || relation === null) return false
  const own = name.slice(relation.length + 1).replaceAll('"', '')
  const table = relation.slice(relation.indexOf('.') + 1).replaceAll('"', '')
  return own.startsWith(table.slice(0, 29)) && /_(check|fkey|key|pkey|excl|not_null)\d*$/.test(own)
}

const sameButName = (a: CatalogDifference, b: CatalogDifference): boolean =>
  isDeepStrictEqual({ ...a.expected!.definition, name: null }, { ...b.actual!.definition, name: null })
