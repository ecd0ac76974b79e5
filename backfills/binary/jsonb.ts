import type { RowBuffer } from './row-buffer.ts'

/**
 * Writes a JSON value as PostgreSQL prints a jsonb: keys by the length of their bytes, then by their bytes; a space behind
 * commas and colons; numbers without exponents. Answers false for what is no plain JSON value (a class, `toJSON`) or no
 * text, which is left to `JSON.stringify` and the server; bytes that were written until then do not count.
 */
export function writeJsonb(out: RowBuffer, value: unknown): boolean {
  if (value === null) {
    out.text('null')
    return true
  }
  const write = writers[typeof value as keyof typeof writers] as
    | ((out: RowBuffer, value: unknown) => boolean)
    | undefined
  return write?.(out, value) === true
}

const printed =
  <T>(print: (value: T) => string) =>
  (out: RowBuffer, value: T): boolean => {
    out.text(print(value))
    return true
  }

const writers = {
  string: writeString,
  boolean: printed<boolean>(String),
  bigint: printed<bigint>(String),
  number: printed(plainNumber),
  object: (out: RowBuffer, value: object): boolean =>
    Array.isArray(value) ? writeList(out, value) : writeObject(out, value as Record<string, unknown>),
}

const SPECIAL = /[\x00-\x1f"\\]/

function writeString(out: RowBuffer, text: string): boolean {
  if (out.quoted(text)) return true
  if (SPECIAL.test(text)) out.text(JSON.stringify(text))
  else {
    if (!text.isWellFormed()) return false
    out.byte(0x22)
    out.text(text)
    out.byte(0x22)
  }
  return true
}

function writeList(out: RowBuffer, values: readonly unknown[]): boolean {
  out.byte(0x5b)
  for (let i = 0; i < values.length; i += 1) {
    if (i > 0) out.text(', ')
    if (!writeJsonb(out, values[i])) return false
  }
  out.byte(0x5d)
  return true
}

function writeObject(out: RowBuffer, value: Record<string, unknown>): boolean {
  const prototype = Object.getPrototypeOf(value) as unknown
  if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value || 'rawJSON' in value) return false
  out.byte(0x7b)
  let first = true
  for (const { key, quoted } of shapeOf(Object.keys(value))) {
    const member = value[key]
    if (member === undefined) continue
    if (!first) out.text(', ')
    first = false
    out.text(quoted)
    if (!writeJsonb(out, member)) return false
  }
  out.byte(0x7d)
  return true
}

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
let latest: Shape = { keys: [], names: [] }
const [MOST_FIRST, MOST_SHAPES, LONGEST] = [1000, 8, 50]

/** The names of these keys, in the order in which they are printed. */
function shapeOf(keys: readonly string[]): readonly Name[] {
  if (isSame(latest.keys, keys)) return latest.names
  const known = shapes.get(keys[0] ?? '')
  const found = known?.find((shape) => isSame(shape.keys, keys))
  if (found !== undefined) return (latest = found).names
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
