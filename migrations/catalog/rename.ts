import { isDeepStrictEqual } from 'node:util'
import type { CatalogObject, Json } from './catalog.ts'
import type { CatalogDifference } from './compare.ts'

/** An object that is there under another name. */
export interface Rename {
  readonly expected: CatalogObject
  readonly actual: CatalogObject
}

// Relations and types first: their parts follow them.
const RENAMED: readonly string[] = [
  'table',
  'foreign table',
  'view',
  'materialized view',
  'sequence',
  'enum',
  'domain',
  'composite type',
  'column',
  'constraint',
  'index',
  'trigger',
  'policy',
  'rule',
  'statistics',
]

/** The first object among the differences that was renamed, or null: same kind, same place, same definition but for the name. */
export function findRename(
  differences: readonly CatalogDifference[],
  expected: readonly CatalogObject[],
  actual: readonly CatalogObject[],
): Rename | null {
  for (const kind of RENAMED) {
    const of = (change: string): CatalogDifference[] =>
      differences.filter((d) => d.kind === kind && d.change === change)
    for (const missing of of('missing')) {
      const twins = of('extra').filter(
        (extra) =>
          extra.relation === missing.relation &&
          isDeepStrictEqual(shape(missing.expected!, expected), shape(extra.actual!, actual)),
      )
      if (twins.length === 1) return { expected: missing.expected!, actual: twins[0]!.actual! }
    }
  }
  return null
}

/** The catalog as it would be if the object had its expected name. */
export function withRename(objects: readonly CatalogObject[], { expected, actual }: Rename): CatalogObject[] {
  const whole = actual.relation === null
  const [from, to] = whole ? [actual.name, expected.name] : [ownName(actual), ownName(expected)]
  const place = whole ? from : actual.relation
  const rename = (value: string): string => value.replaceAll(wordOf(from), () => to)
  return objects.map((object) => {
    if (!JSON.stringify(object).includes(JSON.stringify(place).slice(1, -1))) return object
    const definition = mapText(object.definition, rename) as CatalogObject['definition']
    const self = object.kind === actual.kind && object.name === actual.name
    if (self) return { ...object, name: expected.name, definition: { ...definition, ...nameOf(expected) } }
    return whole
      ? { ...object, name: rename(object.name), relation: object.relation && rename(object.relation), definition }
      : { ...object, definition }
  })
}

const nameOf = ({ definition }: CatalogObject): CatalogObject['definition'] =>
  'name' in definition
    ? { name: definition['name']!, ...('schema' in definition ? { schema: definition['schema']! } : {}) }
    : {}

/** The last part of a name, quoted where it needs to be. */
export const ownName = ({ name, relation }: CatalogObject): string =>
  relation !== null && name.startsWith(`${relation}.`)
    ? name.slice(relation.length + 1)
    : (/(?:^|\.)("(?:[^"]|"")*"|[^."]+)$/.exec(name)?.[1] ?? name)

function shape(object: CatalogObject, objects: readonly CatalogObject[]): unknown {
  const anonymous = (value: string): string =>
    value.replaceAll(wordOf(object.name), '?').replaceAll(wordOf(ownName(object)), '?')
  const columns = objects
    .filter(({ kind, relation }) => kind === 'column' && relation === object.name)
    .map(({ definition }) => [definition['name'], definition['type']])
  const { name: _name, ...definition } = object.definition
  return [mapText(definition, anonymous), object.cosmetic, columns]
}

const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![\\w$".])${name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\w$"])`, 'g')

function mapText(value: Json, map: (text: string) => string): Json {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map((each) => mapText(each, map))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapText(each, map)]))
}
