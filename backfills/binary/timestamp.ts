const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.(\d{1,6}))?(?:(Z)|([+-])(\d\d):?(\d\d))?$/
const PLAIN = '0000-00-00T00:00:00.000Z'
const ZERO = 48
const DAY = /^\d{4}-\d\d-\d\d$/
const DAY_MS = 86_400_000
const EPOCH_MS = Date.UTC(2000, 0, 1)
/** The first and the last year of what is written here; beyond them the server has words of its own. */
const [FIRST, LAST] = [Date.UTC(1000, 0, 1), Date.UTC(9999, 11, 31, 23, 59, 59, 999)]

interface Instant {
  /** Microseconds since 2000. */
  readonly at: number | bigint
  /** The text says in which zone. */
  readonly zoned: boolean
}

/** Null for what only the server can read. */
export function microsecondsOf(value: unknown): Instant | null {
  if (value instanceof Date) {
    const ms = value.getTime()
    return ms >= FIRST && ms <= LAST ? { at: microseconds(ms - EPOCH_MS, 0), zoned: true } : null
  }
  if (typeof value !== 'string') return null
  if (isPlain(value)) return inZone(value, value.length === 24 ? Number(value.slice(20, 23)) * 1000 : 0, 0, true)
  const match = INSTANT.exec(value)
  if (match === null) return null
  const [, fraction, z, sign, zoneHour, zoneMinute] = match
  let offset = 0
  if (sign !== undefined) {
    if (Number(zoneHour) > 14 || Number(zoneMinute) > 59) return null
    offset = (sign === '-' ? -1 : 1) * (Number(zoneHour) * 60 + Number(zoneMinute))
  }
  const micros = fraction === undefined ? 0 : Number(fraction) * 10 ** (6 - fraction.length)
  return inZone(value, micros, offset, z !== undefined || sign !== undefined)
}

/** `YYYY-MM-DDTHH:MM:SSZ`, or the same with milliseconds, as `toISOString` writes it. */
function isPlain(text: string): boolean {
  const { length } = text
  if (length !== PLAIN.length && length !== 20) return false
  for (let i = 0; i < length - 1; i += 1) {
    const [code, wanted] = [text.charCodeAt(i), PLAIN.charCodeAt(i)]
    if (wanted === ZERO ? code < ZERO || code > ZERO + 9 : code !== wanted) return false
  }
  return text.charCodeAt(length - 1) === 90
}

/** `offset` is in minutes. */
function inZone(text: string, micros: number, offset: number, zoned: boolean): Instant | null {
  const days = daysOf(text)
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)]
  if (days === null || hour > 23 || minute > 59 || second > 59) return null
  const at = microseconds(days * DAY_MS + (hour * 60 + minute - offset) * 60_000 + second * 1000, micros)
  return { at, zoned }
}

/** Three centuries of them are numbers. */
function microseconds(ms: number, micros: number): number | bigint {
  const at = ms * 1000 + micros
  return Number.isSafeInteger(at) ? at : BigInt(ms) * 1000n + BigInt(micros)
}

/** Days since 2000 of `YYYY-MM-DD` or of a `Date` in UTC; null for what only the server can read. */
export function dayOf(value: unknown): number | null {
  if (value instanceof Date) {
    const ms = value.getTime()
    return ms >= FIRST && ms <= LAST ? Math.floor((ms - EPOCH_MS) / DAY_MS) : null
  }
  return typeof value === 'string' && DAY.test(value) ? daysOf(value) : null
}

const twoDigits = (text: string, at: number): number => text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - 528

/** The day that was asked for last: records mostly come in the order of time. */
const last: { date: number; days: number | null } = { date: 0, days: null }

/** Of a text that begins with `YYYY-MM-DD`; null for a day that is not in the calendar. */
function daysOf(text: string): number | null {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const [month, day] = [twoDigits(text, 5), twoDigits(text, 8)]
  const date = (year * 100 + month) * 100 + day
  if (date !== last.date) [last.date, last.days] = [date, inCalendar(year, month, day)]
  return last.days
}

function inCalendar(year: number, month: number, day: number): number | null {
  if (year < 1000 || month < 1 || month > 12 || day < 1) return null
  if (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return null
  return (Date.UTC(year, month - 1, day) - EPOCH_MS) / DAY_MS
}
