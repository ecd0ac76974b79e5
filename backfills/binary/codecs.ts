import { jsonText } from '../json-text.ts'
import { writeJsonb } from './jsonb.ts'
import { writeNumeric } from './numeric.ts'
import type { RowBuffer } from './row-buffer.ts'
import { dayOf, microsecondsOf } from './timestamp.ts'

/**
 * Writes a value that is not null with its length, as the type's send function would. Answers false for what only the
 * server can judge, which then gets the text; bytes that were written until then do not count.
 */
export type Codec = (out: RowBuffer, value: unknown) => boolean

/** What a codec depends on. */
export interface BinaryType {
  /** The type below domains, as `pg_type.typname`; `enum` for every enum; of the elements for an array. */
  readonly base: string
  readonly typmod: number
  /** The oid of the elements' type; null for anything but an array. */
  readonly elementOid: number | null
}

/** The codec of a type, or null where only the server knows the bytes. */
export function codecOf({ base, typmod, elementOid }: BinaryType): Codec | null {
  const scalar = codecs[base]?.(typmod) ?? null
  return scalar === null || elementOid === null ? scalar : listOf(scalar, elementOid)
}

const always = (codec: Codec) => (): Codec => codec
const integer = (bytes: 2 | 4 | 8): Codec => {
  const [min, max] = [-(2n ** BigInt(8 * bytes - 1)), 2n ** BigInt(8 * bytes - 1) - 1n]
  const [low, high] = [Number(min), Number(max)]
  const put: Readonly<Record<typeof bytes, (out: RowBuffer, value: number | bigint) => void>> = {
    2: (out, value) => out.int16(Number(value)),
    4: (out, value) => out.int32(Number(value)),
    8: (out, value) => out.int64(value),
  }
  return (out, given) => {
    const value = typeof given === 'string' ? integerOf(given) : given
    if (typeof value === 'bigint') {
      if (value < min || value > max) return false
    } else if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < low || value > high) return false
    out.int32(bytes)
    put[bytes](out, value)
    return true
  }
}

const text: Codec = (out, value) => {
  if (typeof value !== 'string' || value.includes('\0') || !value.isWellFormed()) return false
  const start = out.begin()
  out.text(value)
  out.end(start)
  return true
}

const codecs: Readonly<Record<string, (typmod: number) => Codec | null>> = {
  bool: always((out, value) => {
    if (typeof value !== 'boolean') return false
    out.int32(1)
    out.byte(value ? 1 : 0)
    return true
  }),
  int2: always(integer(2)),
  int4: always(integer(4)),
  int8: always(integer(8)),
  float8: always((out, value) => {
    if (typeof value !== 'number') return false
    out.int32(8)
    out.float64(value)
    return true
  }),
  numeric: (typmod) => {
    const scale = typmod < 0 ? null : (typmod - 4) & 0x7ff
    return scale !== null && scale > 1000 ? null : (out, value) => writeNumeric(out, value, scale)
  },
  text: always(text),
  varchar: always(text),
  enum: always(text),
  uuid: always((out, value) => {
    if (typeof value !== 'string' || !UUID.test(value)) return false
    out.int32(16)
    out.append(Buffer.from(value.replaceAll('-', ''), 'hex'))
    return true
  }),
  bytea: always((out, value) => {
    if (!(value instanceof Uint8Array)) return false
    out.int32(value.length)
    out.append(value)
    return true
  }),
  date: always((out, value) => {
    const day = dayOf(value)
    if (day === null) return false
    out.int32(4)
    out.int32(day)
    return true
  }),
  timestamptz: (typmod) => (typmod < 0 ? instant(true) : null),
  timestamp: (typmod) => (typmod < 0 ? instant(false) : null),
  json: always((out, value) => {
    const json = jsonText(value)
    return json !== undefined && text(out, json)
  }),
  jsonb: always((out, value) => {
    const start = out.begin()
    out.byte(1) // its version
    if (!writeJsonb(out, value)) return false
    out.end(start)
    return true
  }),
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const integerOf = (text: string): bigint | null => (/^-?\d{1,19}$/.test(text) ? BigInt(text) : null)

/** A timestamp without a zone takes the clock as it is written, whatever zone stands behind it. */
const instant =
  (zoned: boolean): Codec =>
  (out, value) => {
    const found = microsecondsOf(value)
    if (found === null || (zoned !== found.zoned && !(value instanceof Date))) return false
    out.int32(8)
    out.int64(found.at)
    return true
  }

/** One dimension, from 1. */
const listOf =
  (element: Codec, oid: number): Codec =>
  (out, value) => {
    if (!Array.isArray(value) || value.some(Array.isArray)) return false
    const start = out.begin()
    out.int32(value.length === 0 ? 0 : 1)
    out.int32(value.some((item) => item === null || item === undefined) ? 1 : 0)
    out.int32(oid)
    if (value.length > 0) {
      out.int32(value.length)
      out.int32(1)
    }
    for (const item of value as unknown[]) {
      if (item === null || item === undefined) out.int32(-1)
      else if (!element(out, item)) return false
    }
    out.end(start)
    return true
  }
