import fc from 'fast-check'

/** Known by name: the team's landfall may be another copy of this module. */
const MARK = Symbol.for('landfall.parity.earlier')

/** An argument that is not known before the sequence runs: what an operation returned, or a property of it. */
export interface Earlier {
  readonly [MARK]: true
  readonly operation: string
  readonly property: string | null
  /** Which of the results; the latest is 0, and before the first one the latest stands again. */
  readonly index: number
  /** What stands for it while there is none. */
  readonly otherwise: unknown
}

/** One call in so many asks for something that no call has returned. */
const UNKNOWN = 8
/** Mostly the latest of the results: what belongs together is asked for together, and before it may be removed. */
const index = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat({ max: 30 }) })

/**
 * Generates what an earlier call has returned: `earlier('projects.create', 'id')`. It stands in an argument as it is, or
 * within `fc.record`, `fc.tuple`, `fc.array` and `fc.option`; a `map` over it would not see the value. Within one call
 * all that refers to one operation means one result: the `ownerId` of a project goes with its `id`.
 * @param otherwise what is asked for now and then instead, and as long as nothing was returned; by default a UUID
 */
export function earlier<V = string>(
  operation: string,
  property: string | null = null,
  otherwise: fc.Arbitrary<unknown> = fc.constant('00000000-0000-4000-8000-000000000000'),
): fc.Arbitrary<V> {
  const reference = fc
    .record({ index, otherwise })
    .map((which): Earlier => ({ [MARK]: true, operation, property, ...which }))
  return fc.oneof({ weight: UNKNOWN - 1, arbitrary: reference }, otherwise) as fc.Arbitrary<V>
}

export const isEarlier = (value: unknown): value is Earlier =>
  typeof value === 'object' && value !== null && MARK in value

/** What was returned so far, by operation. */
export type Results = ReadonlyMap<string, readonly unknown[]>

/** An argument with what it refers to in its place; what the caller may change is a copy. */
export const resolved = (argument: unknown, results: Results): unknown =>
  replaceEarlier(argument, (reference) => {
    const place = placeOf(reference, results)
    if (place === null) return structuredClone(reference.otherwise)
    const result = results.get(reference.operation)![place]
    const value =
      reference.property === null ? result : (result as Record<string, unknown> | null)?.[reference.property]
    return structuredClone(value)
  })

/** Which of the results is meant; null while there is none. */
export function placeOf({ operation, index }: Earlier, results: Results): number | null {
  const returned = results.get(operation)?.length ?? 0
  return returned === 0 ? null : returned - 1 - (index % returned)
}

/** A copy with something in the place of what was returned earlier. */
export function replaceEarlier(value: unknown, replace: (reference: Earlier) => unknown): unknown {
  if (isEarlier(value)) return replace(value)
  if (Array.isArray(value)) return value.map((item) => replaceEarlier(item, replace))
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return structuredClone(value)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaceEarlier(item, replace)]))
}

/**
 * Arguments in which references to one operation mean one of its results: that of the first reference, in `others` or in
 * themselves.
 */
export function meeting(args: readonly unknown[], others: readonly unknown[] = []): readonly unknown[] {
  const known = new Map<string, number>()
  replaceEarlier([...others, ...args], ({ operation, index: own }) => {
    if (!known.has(operation)) known.set(operation, own)
  })
  return replaceEarlier(args, (own) => ({ ...own, index: known.get(own.operation)! })) as readonly unknown[]
}

/** The operations that generators refer to, as far as a few samples show. */
export function operationsNamed(generators: readonly fc.Arbitrary<unknown>[]): Set<string> {
  const named = new Set<string>()
  for (const generator of generators)
    for (const sample of fc.sample(generator, { numRuns: 8, seed: 1 }))
      replaceEarlier(sample, ({ operation }) => void named.add(operation))
  return named
}
