import { isAscii, isUtf8 } from 'node:buffer'
import { messageOf } from '../../migrations/error.ts'
import type { SourceRecord } from './source.ts'
import { RawText } from './raw-text.ts'
import { twinKey } from './twin-keys.ts'

/** Written out: the engine skips along a text for this, and not for `\d{16}`. */
const LONG_NUMBER = /\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d\d/

type Parsed = Pick<SourceRecord, 'raw' | 'parsed'>

/** The bytes of one record, and the 1-based line on which they begin. */
export const parseRecord = (bytes: Buffer, line: number): Parsed => recordsIn(bytes)(0, bytes.length, line)

/** Reads records out of a piece of a file, by their bounds; whether it is text at all is asked once for the whole piece. */
export function recordsIn(bytes: Buffer): (from: number, to: number, line: number) => Parsed {
  const encoding = isAscii(bytes) ? 'latin1' : isUtf8(bytes) ? 'utf8' : null
  return (from, to, line) => {
    const raw = new RawText(bytes, from, to)
    if (encoding === null && !isUtf8(bytes.subarray(from, to))) {
      const reason = `the record holds bytes that are not UTF-8 (line ${line})`
      return { raw, parsed: { ok: false, code: 'not-utf8', reason } }
    }
    return { raw, parsed: parseText(bytes.toString(encoding ?? 'utf8', from, to), line) }
  }
}

/** What a JSON text says, with every digit of its integers. */
export const jsonValue = (raw: string): unknown =>
  LONG_NUMBER.test(raw) ? JSON.parse(raw, keepBigIntegers) : JSON.parse(raw)

function parseText(raw: string, line: number): SourceRecord['parsed'] {
  try {
    const value = jsonValue(raw)
    const twin = twinKey(raw, value)
    if (twin === null) return { ok: true, value }
    const reason = `${JSON.stringify(twin)} is there twice (line ${line})`
    return { ok: false, code: 'duplicate-key', reason }
  } catch (error) {
    if (error instanceof RangeError)
      return { ok: false, code: 'too-deep', reason: `the record is nested too deeply (line ${line})` }
    return { ok: false, code: 'invalid-json', reason: located(messageOf(error), raw, line) }
  }
}

/**
 * An integer that a number cannot hold comes as a bigint, and any other number with more digits than it can hold as its
 * text: a schema then accepts it exactly or refuses it, and never a rounded one.
 */
function keepBigIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? ''
  if (typeof value !== 'number') return value
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  return significant(source) > 17 ? source : value
}

const significant = (number: string): number =>
  number
    .replace(/e.*$/i, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+|0+$/g, '').length

/** V8 counts from the beginning of the record, or not at all; people count lines of the file. */
function located(message: string, raw: string, line: number): string {
  const text = message.replace(/ in JSON at position \d+.*$/s, '').replace(/, (\.\.\.)?"[\s\S]*$/, '')
  const position = positionIn(message) ?? firstFault(raw)
  return `${text} (line ${line + raw.slice(0, position).split('\n').length - 1})`
}

const positionIn = (message: string): number | null => {
  const position = /at position (\d+)/.exec(message)?.[1]
  return position === undefined ? null : Number(position)
}

/** Where the longest beginning ends that some JSON text might have. */
function firstFault(raw: string): number {
  let [good, bad] = [0, raw.length]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (mayGoOn(raw.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function mayGoOn(start: string): boolean {
  try {
    JSON.parse(start)
    return true
  } catch (error) {
    const message = messageOf(error)
    return /^Unexpected end|^Unterminated/.test(message) || positionIn(message) === start.length
  }
}
