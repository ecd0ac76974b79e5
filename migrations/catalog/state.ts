import { isDeepStrictEqual } from 'node:util'
import { objectKey, type CatalogObject } from './catalog.ts'

/** An object as it is read, with the row of a catalog that it is part of: `pg_class 16400` for all of a table; null for what stands alone. */
export interface ReadObject {
  readonly object: CatalogObject
  readonly unit: string | null
}

/** A catalog whose units can be read again one by one. What two states of one database have in common is the same object. */
export interface CatalogState {
  /** Sorted by kind and name. */
  readonly objects: readonly CatalogObject[]
  readonly units: ReadonlyMap<string, readonly CatalogObject[]>
}

export function stateOf(read: readonly ReadObject[]): CatalogState {
  const units = new Map<string, CatalogObject[]>()
  for (const { object, unit } of read) {
    if (unit === null) continue
    const objects = units.get(unit)
    if (objects) objects.push(object)
    else units.set(unit, [object])
  }
  return { objects: sorted(read.map(({ object }) => object)), units }
}

/** The state in which these units have the objects that were read, or none; the same state when that changes nothing. */
export function withUnits(state: CatalogState, units: Iterable<string>, read: readonly ReadObject[]): CatalogState {
  const fresh = stateOf(read).units
  const next = new Map(state.units)
  const gone = new Set<CatalogObject>()
  const come: CatalogObject[] = []
  for (const unit of units) {
    const [before, after] = [state.units.get(unit) ?? [], sorted(fresh.get(unit) ?? [])]
    if (isDeepStrictEqual(sorted(before), after)) continue
    for (const object of before) gone.add(object)
    come.push(...after)
    if (after.length > 0) next.set(unit, after)
    else next.delete(unit)
  }
  if (gone.size === 0 && come.length === 0) return state
  const left = state.objects.filter((object) => !gone.has(object))
  return { objects: merged(left, sorted(come)), units: next }
}

/** Whether two catalogs say the same of the same objects, in cosmetic things too. */
export const identical = (a: readonly CatalogObject[], b: readonly CatalogObject[]): boolean =>
  a === b ||
  (a.length === b.length && a.every((object, index) => object === b[index] || isDeepStrictEqual(object, b[index])))

/** What is there now that was not, or was defined otherwise. */
export function changedObjects(before: readonly CatalogObject[], after: readonly CatalogObject[]): CatalogObject[] {
  // Most are the same objects: only the others are looked up by their names.
  const [old, now] = [new Set(before), new Set(after)]
  const gone = new Map(before.filter((object) => !now.has(object)).map((object) => [objectKey(object), object]))
  return after.filter(
    (object) => !old.has(object) && !isDeepStrictEqual(gone.get(objectKey(object))?.definition, object.definition),
  )
}

// Compared code unit by code unit, so that the order is the same under every collation of a server.
const inOrder = (a: CatalogObject, b: CatalogObject): number =>
  a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** Most are read kind by kind: names are compared, and kinds seldom. */
function sorted(objects: readonly CatalogObject[]): CatalogObject[] {
  const byKind = Map.groupBy(objects, ({ kind }) => kind)
  return [...byKind.keys()].toSorted().flatMap((kind) => byKind.get(kind)!.toSorted(inOrder))
}

function merged(a: readonly CatalogObject[], b: readonly CatalogObject[]): CatalogObject[] {
  const all: CatalogObject[] = []
  let at = 0
  for (const object of a) {
    while (at < b.length && inOrder(b[at]!, object) < 0) all.push(b[at++]!)
    all.push(object)
  }
  return [...all, ...b.slice(at)]
}
