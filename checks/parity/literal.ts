import fc from 'fast-check'

/** A value as it stands in TypeScript: `{ name: 'Ada', tags: [] }`; names may stand in it by `fc.toStringMethod`. */
export function literal(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null || fc.toStringMethod in value) return fc.stringify(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (value instanceof Date && !Number.isNaN(value.getTime())) return `new Date('${value.toISOString()}')`
  const prototype = Object.getPrototypeOf(value) as unknown
  if (prototype !== Object.prototype && prototype !== null) return fc.stringify(value)
  const properties = Object.entries(value).map(([key, item]) => `${keyOf(key)}: ${literal(item)}`)
  return properties.length === 0 ? '{}' : `{ ${properties.join(', ')} }`
}

const keyOf = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key))

/** With its controls, and what would turn the direction of a text, as escapes. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)}'`
