import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LandfallError } from './error.ts'
import { directoryOf, listFiles, readMigrations } from './layouts/read.ts'
import { nextVersion, now as clock, type VersionStyle } from './next-version.ts'
import type { LayoutName, MigrationsSettings } from './settings.ts'

/** Writes the empty files of a migration, laid out and numbered as the directory is; returns their paths. */
export async function newMigration(
  root: string,
  settings: MigrationsSettings,
  name: string,
  now: Date,
): Promise<readonly string[]> {
  const directory = directoryOf(root, settings)
  const files = await listFiles(root, directory).catch(() => [])
  const { stemOf, first, texts } = templates[await layoutOf(root, settings, files)]
  const stem = nextVersion(files, stemOf, now) ?? first(now)
  const contents = Object.entries(texts(`${stem}${slugOf(name)}`)).map(([file, text]) => ({
    file: join(directory, file),
    text,
  }))
  const written: string[] = []
  try {
    for (const { file, text } of contents) {
      await write(root, file, text)
      written.push(file)
    }
  } catch (error) {
    for (const file of written) await rm(join(root, file))
    throw error
  }
  return written
}

/** Pairs where nothing says otherwise. */
async function layoutOf(root: string, settings: MigrationsSettings, files: readonly string[]): Promise<LayoutName> {
  if (settings.layout !== undefined) return settings.layout
  if (!files.some((file) => file.endsWith('.sql'))) return 'pair'
  return (await readMigrations(root, settings)).layout
}

const UP = '-- What changes. Beside old code that still runs: add first, remove in a later deploy.\n'
const DOWN = '-- The exact way back. When there is none, say so where it goes up: -- landfall: irreversible <reason>\n'

/** How a layout names its files and opens its sections. */
interface Template extends VersionStyle {
  /** The first version, with what stands around it. */
  readonly first: (now: Date) => string
  /** File → text. */
  readonly texts: (stem: string) => Readonly<Record<string, string>>
}

const NUMBERED = /^(?<before>V?)(?<version>\d+)(?<after>[._-]+)/

const sections = (up: string, down: string, first: Template['first']): Template => ({
  stemOf: NUMBERED,
  first,
  texts: (stem) => ({ [`${stem}.sql`]: `${up}\n${UP}\n${down}\n${DOWN}` }),
})
const pairs = (first: Template['first']): Template => ({
  stemOf: NUMBERED,
  first,
  texts: (stem) => ({ [`${stem}.up.sql`]: UP, [`${stem}.down.sql`]: DOWN }),
})

const templates: Readonly<Record<LayoutName, Template>> = {
  pair: pairs(() => '0001_'),
  popx: pairs((now) => `${clock.utc(now)}_`),
  directory: {
    stemOf: /^(?<before>)(?<version>\d(?:[\d-]*\d)?)(?<after>[_ ])/,
    first: (now) => `${clock.dashed(now)}_`,
    texts: (stem) => ({ [`${stem}/up.sql`]: UP, [`${stem}/down.sql`]: DOWN }),
  },
  flyway: {
    stemOf: /^(?<before>(?:.*\/)?)[VUB](?<version>\d+(?:[._]\d+)*)(?<after>__)/,
    first: () => '1__',
    texts: (stem) => {
      const cut = stem.lastIndexOf('/') + 1
      const named = (kind: string): string => `${stem.slice(0, cut)}${kind}${stem.slice(cut)}.sql`
      return { [named('V')]: UP, [named('U')]: DOWN }
    },
  },
  dbmate: sections('-- migrate:up', '-- migrate:down', (now) => `${clock.utc(now)}_`),
  goose: sections('-- +goose Up', '-- +goose Down', (now) => `${clock.utc(now)}_`),
  'sql-migrate': sections('-- +migrate Up', '-- +migrate Down', (now) => `${clock.utc(now)}-`),
  'node-pg-migrate': sections('-- Up Migration', '-- Down Migration', (now) => `${now.getTime()}_`),
}

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

async function write(root: string, file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true })
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
