import { readdir } from 'node:fs/promises'
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

type Layout = (root: string, directory: string, files: readonly string[]) => Promise<MigrationSet>

const layouts: Readonly<Record<LayoutName, Layout>> = { pair: readPairs }

// What stands beside migrations and is nobody's migration.
const BESIDE = /^(\..*|README(\..*)?|landfall\.sum)$/i

/** Reads the migrations directory of a system; `root` is the config file's directory. An empty one is an error. */
export async function readMigrations(root: string, settings: MigrationsSettings): Promise<MigrationSet> {
  const directory = isAbsolute(settings.dir) ? relative(root, settings.dir) : settings.dir
  const files = (await listFiles(root, directory))
    .filter((file) => !BESIDE.test(file) && !settings.exclude.some((glob) => matchesGlob(file, glob)))
    .toSorted()
  const set = await layouts[settings.layout ?? 'pair'](root, directory, files)
  if (set.migrations.length > 0) return set
  const found = set.problems.length === 0 ? 'is empty' : `holds no migration (${set.problems[0]!.message})`
  throw new LandfallError('usage', 'migrations/nothing', `the migrations directory ${directory} ${found}`, {
    next: 'name the directory that holds NNNN_name.up.sql and NNNN_name.down.sql under migrations in the config',
    location: { file: directory, line: null, column: null },
  })
}

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
