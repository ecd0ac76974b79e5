interface Stem {
  readonly before: string
  readonly version: string
  readonly after: string
}

/** How files of a layout carry their version: groups `before`, `version`, `after`. */
export interface VersionStyle {
  readonly stemOf: RegExp
}

const digits = (now: Date): string => now.toISOString().replaceAll(/\D/g, '')

/** The present as versions say it. */
export const now = {
  /** `20260131120000` */
  utc: (date: Date): string => digits(date).slice(0, 14),
  /** `2026-01-31-120000` */
  dashed: (date: Date): string => dashed(digits(date).slice(0, 14)),
} as const

const dashed = (utc: string): string => utc.replace(/^(\d{4})(\d\d)(\d\d)(\d{6})/, '$1-$2-$3-$4')

/**
 * The version that follows the newest of some files, written as that one is, with what stands around it: `0004_`,
 * `20260102030405_`, `V0004.`; null when no file has a version.
 */
export function nextVersion(files: readonly string[], stemOf: VersionStyle['stemOf'], date: Date): string | null {
  const stems = files.flatMap((file) => (stemOf.exec(file)?.groups as Stem | undefined) ?? [])
  const newest = stems.toSorted((a, b) => compareWritten(b.version, a.version))[0]
  return newest === undefined ? null : `${newest.before}${following(newest.version, date)}${newest.after}`
}

const DATE = /^\d{4}-\d\d-\d\d-\d{6}/

/** Parts as numbers; the dashes of a date are no parts. */
const partsOf = (version: string): bigint[] =>
  (DATE.test(version) ? version.slice(0, 17).replaceAll('-', '') : version).split(/[._-]/).map(BigInt)

function compareWritten(a: string, b: string): number {
  const [x, y] = [partsOf(a), partsOf(b)]
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [m, n] = [x[i] ?? 0n, y[i] ?? 0n]
    if (m !== n) return m < n ? -1 : 1
  }
  return 0
}

/** What a clock of the same kind says, when it is past the version; else its last part, and one. */
function following(version: string, date: Date): string {
  if (DATE.test(version)) return dashed(following(version.slice(0, 17).replaceAll('-', ''), date))
  const [last] = /\d+$/.exec(version)!
  const after = BigInt(last) + 1n
  const clock = last === version ? clockOf(last, date) : null
  const next = clock !== null && clock > after ? clock : after
  return version.slice(0, version.length - last.length) + next.toString().padStart(last.length, '0')
}

/** UTC to the second, the millisecond or with zeros behind, seconds or milliseconds since 1970; null for a count. */
function clockOf(version: string, date: Date): bigint | null {
  if (version.startsWith('0')) return null
  const utc = digits(date)
  const kinds: Readonly<Record<number, string>> = {
    10: String(Math.floor(date.getTime() / 1000)),
    13: String(date.getTime()),
    14: utc.slice(0, 14),
    17: utc,
    20: `${utc.slice(0, 14)}000000`,
  }
  const said = kinds[version.length]
  return said === undefined ? null : BigInt(said)
}
