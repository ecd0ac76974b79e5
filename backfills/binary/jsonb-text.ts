/**
 * A JSON value as PostgreSQL prints a jsonb: keys by the length of their bytes, then by their bytes; a space behind
 * commas and colons; numbers without exponents. Undefined for what is no plain JSON value (a class, `toJSON`), which
 * is left to `JSON.stringify` and the server.
 */
export function jsonbText(value: unknown): string | undefined {
  if (value === null) return 'null'
  const write = (byType as Readonly<Record<string, ((value: unknown) => string | undefined) | undefined>>)[typeof value]
  return write?.(value)
}

const byType = {
  string: JSON.stringify as (value: unknown) => string,
  boolean: String,
  bigint: String,
  number: (value: unknown) => plainNumber(value as number),
  object: (value: unknown) => (Array.isArray(value) ? listText(value) : objectText(value as Record<string, unknown>)),
}

function listText(values: readonly unknown[]): string | undefined {
  let text = '['
  for (let i = 0; i < values.length; i += 1) {
    const item = jsonbText(values[i])
    if (item === undefined) return undefined
    text += i === 0 ? item : `, ${item}`
  }
  return `${text}]`
}

function objectText(value: Record<string, unknown>): string | undefined {
  const prototype = Object.getPrototypeOf(value) as unknown
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value || 'rawJSON' in value)
    return undefined
  let text = '{'
  for (const key of inOrder(Object.keys(value))) {
    const member = value[key]
    if (member === undefined) continue
    const part = jsonbText(member)
    if (part === undefined) return undefined
    text += `${text === '{' ? '' : ', '}${nameOf(key).text}${part}`
  }
  return `${text}}`
}

interface Name {
  /** Quoted, with its colon. */
  readonly text: string
  /** In UTF-8; null where these are as many as the characters. */
  readonly bytes: Buffer | null
}

const names = new Map<string, Name>()

/** Documents share their keys. */
function nameOf(key: string): Name {
  const known = names.get(key)
  if (known !== undefined) return known
  const bytes = Buffer.from(key)
  const name = { text: `${JSON.stringify(key)}: `, bytes: bytes.length === key.length ? null : bytes }
  if (names.size < 10_000 && key.length < 200) names.set(key, name)
  return name
}

/** Most objects have their keys in order already, or nearly so. */
function inOrder(keys: string[]): string[] {
  for (let i = 1; i < keys.length; i += 1)
    if (!before(keys[i - 1]!, keys[i]!)) return keys.sort((a, b) => (before(a, b) ? -1 : 1))
  return keys
}

function before(a: string, b: string): boolean {
  const [first, second] = [nameOf(a), nameOf(b)]
  if (first.bytes === null && second.bytes === null) return a.length === b.length ? a < b : a.length < b.length
  const [bytesOfA, bytesOfB] = [first.bytes ?? Buffer.from(a), second.bytes ?? Buffer.from(b)]
  return bytesOfA.length === bytesOfB.length
    ? Buffer.compare(bytesOfA, bytesOfB) < 0
    : bytesOfA.length < bytesOfB.length
}

function plainNumber(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  const text = value === 0 ? '0' : String(value)
  const exponent = text.indexOf('e')
  if (exponent < 0) return text
  const power = Number(text.slice(exponent + 1))
  const sign = value < 0 ? '-' : ''
  const [whole = '', fraction = ''] = text.slice(sign.length, exponent).split('.')
  return power < 0
    ? `${sign}0.${'0'.repeat(-power - 1)}${whole}${fraction}`
    : `${sign}${(whole + fraction).padEnd(power + 1, '0')}`
}
