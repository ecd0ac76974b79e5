import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import { type DriverCode, mentionsDriver, readDriverCode } from './driver-code.ts'
import { filePath } from './domain-files.ts'

/** Where to look for the code that reads a domain's rows. */
export interface DriverSearch {
  /** Directory that files are told relative to, absolute. */
  readonly root: string
  /** Directory of the domain, absolute. */
  readonly from: string
  /** The directory that the search does not leave, absolute. */
  readonly within: string
}

/** What code says of the driver. */
export interface FoundDriver {
  /** Null when it opens none, or several. */
  readonly driver: 'postgres' | 'pg' | 'drizzle' | null
  /** As `domain.profile.types`; `any` where the code does not tell. */
  readonly types: Readonly<Record<string, string>>
  /** What says so, for people: `numeric as number (src/db.ts:4)`. */
  readonly because: readonly string[]
  /** How all of its clients name columns; null where they differ, or the code does not tell. */
  readonly names: 'camel' | 'pascal' | 'kebab' | null
  /** What says so, for people. */
  readonly naming: readonly string[]
}

/**
 * The driver of the code that is nearest to a domain: in its directory, else in the one above, and so on. Tests and what is
 * built are no part of it.
 */
export async function findDriver(ts: typeof TypeScript, { root, from, within }: DriverSearch): Promise<FoundDriver> {
  for (let directory = from; ; directory = dirname(directory)) {
    const found = await codeBelow(ts, directory)
    if (found.some(({ code }) => driversOf(code).length > 0)) return conclusion(root, found)
    if (directory === within || directory === dirname(directory)) return UNKNOWN
  }
}

const UNKNOWN: FoundDriver = { driver: null, types: {}, because: [], names: null, naming: [] }

interface Read {
  readonly file: string
  readonly code: DriverCode
}

// A repository of more files has its domain in a package of its own.
const MOST = 4000

async function codeBelow(ts: typeof TypeScript, directory: string): Promise<Read[]> {
  const found: Read[] = []
  let seen = 0
  for await (const name of glob('**/*.{ts,mts,cts,tsx,js,mjs,cjs}', { cwd: directory, exclude: isNoCode })) {
    if (++seen > MOST) return []
    const file = join(directory, name)
    const text = /\.d\.[cm]?ts$|\.(?:test|spec|bench|soak)\./.test(name) ? '' : readFileSync(file, 'utf8')
    if (mentionsDriver(text)) found.push({ file, code: readDriverCode(ts, file, text) })
  }
  return found.toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

const isNoCode = (path: string): boolean =>
  /(?:^|[/\\])(?:node_modules|dist|build|out|coverage|tests?|__tests__|__mocks__|\.[^/\\]+)$/.test(path)

const driversOf = ({ imports }: DriverCode): ('postgres' | 'pg' | 'drizzle')[] =>
  imports.includes('drizzle-orm/postgres-js')
    ? ['drizzle']
    : [
        ...(imports.includes('postgres') ? ['postgres' as const] : []),
        ...(imports.includes('pg') ? ['pg' as const] : []),
      ]

function conclusion(root: string, found: readonly Read[]): FoundDriver {
  const imported = new Set(found.flatMap(({ code }) => driversOf(code)))
  // Drizzle is given a client that `postgres` made.
  if (imported.has('drizzle')) imported.delete('postgres')
  const [driver, other] = imported
  if (driver === undefined || other !== undefined) return UNKNOWN
  const parsers = found.flatMap(({ file, code }) => code.parsers.map((parser) => ({ file, ...parser })))
  const clients = found.reduce((sum, { code }) => sum + code.clients, 0)
  const types: Record<string, string> = {}
  const because: string[] = []
  for (const [key, same] of Map.groupBy(parsers, (parser) => parser.key)) {
    const said = new Set(same.map(({ type }) => type))
    // Each client of `postgres` has parsers of its own: where one has none, nobody knows whose rows these are.
    const agreed = said.size === 1 && (driver === 'pg' || same.length >= clients)
    types[key] = agreed ? same[0]!.type : 'any'
    because.push(
      `${key === '[]' ? 'arrays' : key} as ${types[key]} (${filePath(root, same[0]!.file)}:${same[0]!.line})`,
    )
  }
  const namings = found.flatMap(({ file, code }) => code.names.map((names) => ({ file, names })))
  const [first] = namings
  const names =
    driver === 'postgres' && namings.every((one) => one.names === first!.names) ? (first?.names ?? null) : null
  const naming =
    names === null || names === 'camel' ? [] : [`columns in ${names} case (${filePath(root, first!.file)})`]
  return { driver, types, because, names, naming }
}
