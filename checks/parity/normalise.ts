/**
 * Makes what is the same in both implementations look the same. Called for each sequence and implementation; what it
 * returns is given each value within a result or an error, with the property that holds it.
 */
export type Normalise = () => (value: unknown, property: string) => unknown

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

/** For ids that each implementation makes itself: the first that is met becomes `#1`, the next one `#2`. */
export const byAppearance =
  (pattern: RegExp = UUID): Normalise =>
  () => {
    const global = new RegExp(pattern, [...new Set(`${pattern.flags}g`)].join(''))
    const seen = new Map<string, string>()
    const nameOf = (id: string): string => {
      const name = seen.get(id) ?? `#${seen.size + 1}`
      seen.set(id, name)
      return name
    }
    return (value) => (typeof value === 'string' ? value.replaceAll(global, nameOf) : value)
  }

/** Leaves properties out, at any depth: times that a database sets by itself. */
export const without =
  (...properties: readonly string[]): Normalise =>
  () =>
  (value, property) =>
    properties.includes(property) ? undefined : value

/**
 * A value as it is compared: arrays and objects are plain, properties that are undefined are left out, and what is
 * declared to be no difference is none. Dates, bytes and the like stay as they are.
 */
export function comparable(value: unknown, normalisers: readonly ReturnType<Normalise>[]): unknown {
  const within = new Set<object>()
  const visit = (each: unknown, property: string): unknown => {
    const normal = normalisers.reduce((so, normalise) => normalise(so, property), each)
    if (typeof normal !== 'object' || normal === null || !isOpen(normal)) return normal
    if (within.has(normal)) return '[circular]'
    within.add(normal)
    const plain = Array.isArray(normal)
      ? normal.map((item) => visit(item, property))
      : Object.fromEntries(
          Object.entries(normal).flatMap(([key, item]) => {
            const visited = visit(item, key)
            return visited === undefined ? [] : [[key, visited]]
          }),
        )
    within.delete(normal)
    return plain
  }
  return visit(value, '')
}

/** What is compared by its properties: not by what it stands for, as a Date or a Map is. */
const isOpen = (value: object): boolean =>
  Array.isArray(value) ||
  !(
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof ArrayBuffer ||
    ArrayBuffer.isView(value)
  )
