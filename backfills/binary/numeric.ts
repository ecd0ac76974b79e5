import type { RowBuffer } from './row-buffer.ts'

const DECIMAL = /^-?\d+(\.\d+)?$/
const NEGATIVE = 0x4000
const ZERO = 48

/**
 * A decimal number as `numeric_send` writes it: groups of four digits, and the number of digits behind the point that
 * are shown, which is the column's `scale` where it has one. Answers false, with nothing written, for what only the
 * server knows: other notations, and more digits than the scale keeps.
 */
export function writeNumeric(out: RowBuffer, value: unknown, scale: number | null): boolean {
  const text =
    typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : ''
  if (!DECIMAL.test(text)) return false
  const negative = text.charCodeAt(0) === 45
  const point = text.indexOf('.')
  const end = point < 0 ? text.length : point
  let start = negative ? 1 : 0
  while (start < end && text.charCodeAt(start) === ZERO) start += 1
  const digits = point < 0 ? 0 : text.length - point - 1
  if (scale !== null && digits > scale) return false
  if (digits > 16_000 || end - start > 100_000) return false

  const whole = Math.ceil((end - start) / 4)
  groups.length = 0
  for (let group = 0; group < whole; group += 1) groups.push(fourDigits(text, end - 4 * (whole - group), start, end))
  for (let at = text.length - digits; at < text.length; at += 4) groups.push(fourDigits(text, at, at, text.length))
  let first = 0
  while (first < groups.length && groups[first] === 0) first += 1
  let last = groups.length
  while (last > first && groups[last - 1] === 0) last -= 1

  const body = out.begin()
  out.int16(last - first)
  out.int16(last === first ? 0 : whole - first - 1)
  out.int16(negative && last > first ? NEGATIVE : 0)
  out.int16(scale ?? digits)
  for (let group = first; group < last; group += 1) out.int16(groups[group]!)
  out.end(body)
  return true
}

/** Of the number at hand. */
const groups: number[] = []

/** The number that four digits from `at` make; what lies outside of `from` and `to` is a zero. */
function fourDigits(text: string, at: number, from: number, to: number): number {
  let number = 0
  for (let i = at; i < at + 4; i += 1) number = number * 10 + (i >= from && i < to ? text.charCodeAt(i) - ZERO : 0)
  return number
}
