import { readdir, readFile } from 'node:fs/promises'
import { isAbsolute, join, matchesGlob, relative } from 'node:path'
import { LandfallError } from '../error.ts'
import type { FileProblem, Migration } from '../migration.ts'
import type { LayoutName, MigrationsSettings } from '../settings.ts'
import { readPairs } from './pair.ts'

/** What a directory of migrations holds: every file is read as a migration, or named with what is wrong with it. */
export interface MigrationSet {
  readonly migrations: readonly Migration[]
  readonly problems: readonly FileProblem[]
}

/** A directory of migrations, on disk or in a git revision. */
export interface MigrationDirectory {
  /** Relative to the config file; only for messages and locations. */
  readonly path: string
  readonly files: readonly string[]
  readonly read: (file: string) => Promise<Uint8Array>
}

type Layout = (directory: MigrationDirectory) => Promise<MigrationSet>

const layouts: Readonly<Record<LayoutName, Layout>> = { pair: readPairs }

// What stands beside migrations and is nobody's migration.
const BESIDE = /^(\..*|README(\..*)?|landfall\.sum)$/i

/** Reads the migrations directory of a system; `root` is the config file's directory. An empty one is an error. */
export async function readMigrations(root: string, settings: MigrationsSettings): Promise<MigrationSet> {
  const directory = directoryOf(root, settings)
  const read = (file: string): Promise<Uint8Array> => readFile(join(root, directory, file))
  const set = await readDirectory({ path: directory, files: await listFiles(root, directory), read }, settings)
  if (set.migrations.length > 0) return set
  const found = set.problems.length === 0 ? 'is empty' : `holds no migration (${set.problems[0]!.message})`
  throw new LandfallError('usage', 'migrations/nothing', `the migrations directory ${directory} ${found}`, {
    next: 'name the directory that holds NNNN_name.up.sql and NNNN_name.down.sql under migrations in the config',
    location: { file: directory, line: null, column: null },
  })
}

/** Reads a directory by its layout, leaving out what is excluded or stands beside migrations. */
export function readDirectory(
  directory: MigrationDirectory,
  { layout, exclude }: MigrationsSettings,
): Promise<MigrationSet> {
  const files = directory.files
    .filter((file) => !BESIDE.test(file) && !exclude.some((glob) => matchesGlob(file, glob)))
    .toSorted()
  return layouts[layout ?? 'pair']({ ...directory, files })
}

/** Relative to the config file, whichever way the config says it. */
export const directoryOf = (root: string, { dir }: MigrationsSettings): string =>
  isAbsolute(dir) ? relative(root, dir) : dir

async function listFiles(root: string, directory: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, directory), { withFileTypes: true })
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
  } catch (cause) {
    throw new LandfallError('usage', 'migrations/no-directory', `there is no migrations directory ${directory}`, {
      next: 'correct migrations in the config: the path is relative to the config file',
      location: { file: directory, line: null, column: null },
      cause,
    })
  }
}
