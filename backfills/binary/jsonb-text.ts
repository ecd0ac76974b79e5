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
  string: (value: unknown) => quoted(value as string),
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
  for (const { key, quoted: name } of shapeOf(Object.keys(value))) {
    const member = value[key]
    if (member === undefined) continue
    const part = jsonbText(member)
    if (part === undefined) return undefined
    text += text === '{' ? name : `, ${name}`
    text += part
  }
  return `${text}}`
}

const SPECIAL = /[\x00-\x1f"\\]/

const quoted = (text: string): string => (SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`)

interface Name {
  readonly key: string
  /** With its colon. */
  readonly quoted: string
}

interface Shape {
  readonly keys: readonly string[]
  readonly names: readonly Name[]
}

/** Documents share their keys: by the first one, the lists of keys that were seen. */
const shapes = new Map<string, Shape[]>()
const [MOST_FIRST, MOST_SHAPES, LONGEST] = [1000, 8, 50]

/** The names of these keys, in the order in which they are printed. */
function shapeOf(keys: readonly string[]): readonly Name[] {
  const known = shapes.get(keys[0] ?? '')
  const found = known?.find((shape) => isSame(shape.keys, keys))
  if (found !== undefined) return found.names
  const names = keys.toSorted(byBytes).map((key) => ({ key, quoted: `${JSON.stringify(key)}: ` }))
  if (keys.length > LONGEST) return names
  if (known === undefined && shapes.size < MOST_FIRST) shapes.set(keys[0] ?? '', [{ keys, names }])
  else if (known !== undefined && known.length < MOST_SHAPES) known.push({ keys, names })
  return names
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}

function byBytes(a: string, b: string): number {
  const [first, second] = [Buffer.from(a), Buffer.from(b)]
  return first.length - second.length || Buffer.compare(first, second)
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
