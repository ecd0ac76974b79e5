import { isDeepStrictEqual } from 'node:util'
import { objectKey, type CatalogObject, type Json } from './catalog.ts'
import { sameButLayout } from './function-body.ts'
import { findRename, ownName, withRename, type Rename } from './rename.ts'

/** One object that is not what it should be. */
export interface CatalogDifference {
  readonly kind: string
  readonly name: string
  readonly relation: string | null
  /** `missing`: expected and not there · `extra`: there and not expected · `renamed`: there under the name of `actual`. */
  readonly change: 'missing' | 'extra' | 'changed' | 'renamed'
  /** True when only the order of columns, a generated name, or white space and comments in a function's body differ. */
  readonly cosmetic: boolean
  /** The fields of the definition that differ, for `changed`; `name` for `renamed`. */
  readonly fields: readonly string[]
  readonly expected: CatalogObject | null
  readonly actual: CatalogObject | null
}

/** `none` identical · `cosmetic` a warning · `schema` different. */
export type Verdict = 'none' | 'cosmetic' | 'schema'

/**
 * What `actual` lacks or has too much, compared with `expected`; parts of a missing or extra relation are not
 * repeated, and what only bears another name is one difference, with all that follows from the name.
 */
export function compareCatalogs(
  expected: readonly CatalogObject[],
  actual: readonly CatalogObject[],
): CatalogDifference[] {
  const renamed: CatalogDifference[] = []
  let [objects, differences] = [actual, compareByName(expected, actual)]
  for (;;) {
    const rename = findRename(differences, expected, objects)
    if (rename === null) return [...renamed, ...differences]
    objects = withRename(objects, rename)
    const remaining = compareByName(expected, objects)
    if (remaining.length >= differences.length) return [...renamed, ...differences]
    differences = remaining
    renamed.push(renameDifference(rename))
  }
}

export const verdictOf = (differences: readonly CatalogDifference[]): Verdict =>
  differences.length === 0 ? 'none' : differences.every(({ cosmetic }) => cosmetic) ? 'cosmetic' : 'schema'

function compareByName(expected: readonly CatalogObject[], actual: readonly CatalogObject[]): CatalogDifference[] {
  const [before, after] = [byKey(expected), byKey(actual)]
  const differences: CatalogDifference[] = []
  for (const [key, object] of before) {
    const other = after.get(key)
    if (other === object) continue
    if (!other) differences.push(difference('missing', object, null))
    else if (!isDeepStrictEqual(object.definition, other.definition)) differences.push(changed(object, other))
    else if (!isDeepStrictEqual(object.cosmetic, other.cosmetic)) {
      const fields = changedFields(object.cosmetic, other.cosmetic)
      differences.push({ ...difference('changed', object, other), cosmetic: true, fields })
    }
  }
  for (const [key, object] of after) if (!before.has(key)) differences.push(difference('extra', null, object))
  return withoutParts(differences)
}

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

function changed(expected: CatalogObject, actual: CatalogObject): CatalogDifference {
  const fields = changedFields(expected.definition, actual.definition)
  const texts: [Json | undefined, Json | undefined] = [
    expected.definition['definition'],
    actual.definition['definition'],
  ]
  const cosmetic =
    ROUTINES.has(expected.kind) &&
    isDeepStrictEqual(fields, ['definition']) &&
    typeof texts[0] === 'string' &&
    typeof texts[1] === 'string' &&
    sameButLayout(texts[0], texts[1])
  return { ...difference('changed', expected, actual), cosmetic, fields }
}

const ROUTINES: ReadonlySet<string> = new Set(['function', 'procedure'])

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

/** A constraint or an index that went and came back under another generated name is the same one. */
const renameDifference = ({ expected, actual }: Rename): CatalogDifference => ({
  ...difference('renamed', expected, actual),
  cosmetic: hasGeneratedName(expected) && hasGeneratedName(actual),
  fields: ['name'],
})

// PostgreSQL's own pattern for what nobody named: table_column_check1.
function hasGeneratedName(object: CatalogObject): boolean {
  const pattern = GENERATED[object.kind]
  if (pattern === undefined || object.relation === null) return false
  const table = object.relation.slice(object.relation.indexOf('.') + 1).replaceAll('"', '')
  return (
    ownName(object).replaceAll('"', '').startsWith(table.slice(0, 29)) && pattern.test(object.name.replaceAll('"', ''))
  )
}

const GENERATED: Readonly<Record<string, RegExp>> = {
  constraint: /_(check|fkey|key|pkey|excl|not_null)\d*$/,
  index: /_idx\d*$/,
}
