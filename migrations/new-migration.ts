import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LandfallError } from './error.ts'
import { directoryOf } from './layouts/read.ts'
import type { MigrationsSettings } from './settings.ts'

const PAIR = /^(?<prefix>V?)(?<version>\d+)(?<separator>[._-]).+\.(up|down)\.sql$/

/** Writes an empty up script and its down script, numbered as the directory numbers them; returns their paths. */
export async function newMigration(
  root: string,
  settings: MigrationsSettings,
  name: string,
  now: Date,
): Promise<{ readonly up: string; readonly down: string }> {
  const directory = directoryOf(root, settings)
  const files = await readdir(join(root, directory)).catch(() => [])
  const slug = slugOf(name)
  const stem = `${nextVersion(directory, files, now)}${slug}`
  const written = { up: join(directory, `${stem}.up.sql`), down: join(directory, `${stem}.down.sql`) }
  await mkdir(join(root, directory), { recursive: true })
  await write(root, written.up, UP)
  await write(root, written.down, DOWN)
  return written
}

const UP = `-- What changes. Beside old code that still runs: add first, remove in a later deploy.
`
const DOWN = `-- The exact way back. When there is none, say so in the up script: -- landfall: irreversible <reason>
`

function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
  if (slug !== '') return slug
  throw new LandfallError('usage', 'migrations/bad-name', `"${name}" holds no letter that a file name could keep`, {
    next: 'say what the migration does: landfall migrate new add_email_to_users',
  })
}

/** The next version with what stands around it: `0004_`, `20260102030405_`, `V0004.`. */
function nextVersion(directory: string, files: readonly string[], now: Date): string {
  const pairs = files.map((file) => PAIR.exec(file)?.groups).filter((groups) => groups !== undefined)
  const [latest] = pairs.toSorted((a, b) => (BigInt(a['version']!) < BigInt(b['version']!) ? 1 : -1))
  if (latest === undefined) {
    if (!files.some((file) => file.endsWith('.sql'))) return '0001_'
    throw new LandfallError('usage', 'migrations/not-pairs', `the migrations in ${directory} are not pairs of files`, {
      next: 'write the file by hand, as its neighbours are written: new makes NNNN_name.up.sql and NNNN_name.down.sql',
      location: { file: directory, line: null, column: null },
    })
  }
  const after = BigInt(latest['version']!) + 1n
  const clock = clockOf(latest['version']!, now)
  const next = clock !== null && clock > after ? clock : after
  return `${latest['prefix']!}${next.toString().padStart(latest['version']!.length, '0')}${latest['separator']!}`
}

/** What a clock of the same kind as a version says now: `YYYYMMDDHHMMSS` in UTC, or seconds since 1970; null for a sequence. */
function clockOf(version: string, now: Date): bigint | null {
  if (version.length === 14) return BigInt(now.toISOString().replaceAll(/\D/g, '').slice(0, 14))
  if (version.length === 10 && !version.startsWith('0')) return BigInt(Math.floor(now.getTime() / 1000))
  return null
}

async function write(root: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(join(root, file), text, { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new LandfallError('usage', 'migrations/exists', `${file} is there already`, {
      next: 'give the migration another name',
      location: { file, line: null, column: null },
      cause,
    })
  }
}
