import { jsonText } from './json-text.ts'

/** How the values of a column are written. */
export interface Encoding {
  readonly kind: 'plain' | 'json' | 'array'
  /** For an array: of its elements. */
  readonly element: 'plain' | 'json'
  /** `format_type`, for messages. */
  readonly type: string
}

/** A value that no text of that type stands for. */
export class UnstorableValue extends Error {
  override readonly name = 'UnstorableValue'
}

/**
 * The text that PostgreSQL's input function of the column's type reads; null for NULL, undefined for the column's
 * default. Strings are taken as they are, except for `json`, where every value is a JSON value. A `Date` is its
 * instant in UTC.
 * @throws {UnstorableValue}
 */
export function encodeValue(value: unknown, encoding: Encoding): string | null | undefined {
  if (value === undefined || value === null) return value
  if (encoding.kind === 'json') return storable(jsonOf(value))
  if (encoding.kind === 'array' && Array.isArray(value)) return arrayText(value, encoding)
  return storable(plainText(value, encoding.type))
}

type Plain = 'string' | 'number' | 'bigint' | 'boolean'

const plain: Readonly<Record<Plain, (value: never) => string>> = {
  string: (value: string) => value,
  number: (value: number) => (Object.is(value, -0) ? '-0' : String(value)),
  bigint: String,
  boolean: String,
}

function plainText(value: unknown, type: string): string {
  const write = (plain as Readonly<Record<string, ((value: unknown) => string) | undefined>>)[typeof value]
  if (write !== undefined) return write(value)
  if (value instanceof Date) return dateText(value)
  if (value instanceof Uint8Array)
    return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
  throw new UnstorableValue(
    `${Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`} cannot be a ${type}`,
  )
}

/** ISO 8601 as PostgreSQL reads it, which writes years beyond four digits and before Christ in its own way. */
function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new UnstorableValue('an invalid Date')
  const year = date.getUTCFullYear()
  const rest = date.toISOString().replace(/^[+-]?\d+/, '')
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

function arrayText(values: readonly unknown[], encoding: Encoding): string {
  const element = (value: unknown): string => {
    if (value === null || value === undefined) return 'NULL'
    if (encoding.element === 'plain' && Array.isArray(value)) return arrayText(value, encoding)
    const text = encoding.element === 'json' ? jsonOf(value) : plainText(value, encoding.type)
    return `"${storable(text).replace(/["\\]/g, '\\$&')}"`
  }
  return `{${values.map(element).join(',')}}`
}

function jsonOf(value: unknown): string {
  const text = jsonText(value)
  if (text === undefined) throw new UnstorableValue(`a value of type ${typeof value} is not JSON`)
  return text
}

/** What UTF-8 or PostgreSQL would silently change, or refuse without saying where. */
function storable(text: string): string {
  if (text.includes('\0')) throw new UnstorableValue('a NUL character cannot be stored in PostgreSQL')
  if (!text.isWellFormed()) throw new UnstorableValue('half of a surrogate pair is no character')
  return text
}
