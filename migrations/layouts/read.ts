import { readdir, readFile } from 'node:fs/promises'
import { isAbsolute, join, matchesGlob, relative, sep } from 'node:path'
import { LandfallError, messageOf } from '../error.ts'
import { layoutNames, type MigrationsSettings } from '../settings.ts'
import { assemble } from './assemble.ts'
import { detectLayout, layouts } from './detect.ts'
import { migrationFiles } from './files.ts'
import type { MigrationSet, OtherFile } from './layout.ts'

export type { MigrationSet } from './layout.ts'

/** A directory of migrations, on disk or in a git revision. */
export interface MigrationDirectory {
  /** Relative to the config file; only for messages and locations. */
  readonly path: string
  /** Of sub-directories too, relative to the directory, with `/`. */
  readonly files: readonly string[]
  /** The contents of the files asked for, by name. */
  readonly read: (files: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>
}

// What stands beside migrations and is nobody's migration.
const BESIDE = /(^|\/)(\.[^/]*(\/.*)?|README(\.[^/]*)?|landfall\.sum|embed\.go)$/i

// What a layout may want to read; any other file is accounted for by its name.
const READ = /\.(sql|conf|toml)$/i

/** Reads the migrations directory of a system; `root` is the config file's directory. An empty one is an error. */
export async function readMigrations(root: string, settings: MigrationsSettings): Promise<MigrationSet> {
  const path = directoryOf(root, settings)
  const read = async (files: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> => {
    const contents = new Map<string, Uint8Array>()
    for (const file of files) contents.set(file, await readOne(root, join(path, file)))
    return contents
  }
  const set = await readDirectory({ path, files: await listFiles(root, path), read }, settings)
  if (set.migrations.length > 0) return set
  const found = set.problems.length === 0 ? 'is empty' : `holds no migration (${set.problems[0]!.message})`
  throw new LandfallError('usage', 'migrations/nothing', `the migrations directory ${path} ${found}`, {
    next: `name the directory of the migrations under migrations in the config: NNNN_name.up.sql with NNNN_name.down.sql, or one of the layouts ${layoutNames.slice(1).join(', ')}`,
    location: { file: path, line: null, column: null },
  })
}

/** Reads a directory by its layout, leaving out what is excluded or stands beside migrations. */
export async function readDirectory(
  { path, files, read }: MigrationDirectory,
  { layout, exclude, variables }: MigrationsSettings,
): Promise<MigrationSet> {
  const others: OtherFile[] = []
  const candidates = files.filter((name) => {
    const what = exclude.some((glob) => matchesGlob(name, glob))
      ? 'excluded by the config'
      : BESIDE.test(name)
        ? 'stands beside the migrations'
        : null
    if (what !== null) others.push({ file: join(path, name), what })
    return what === null
  })
  const contents = await read(candidates.filter((file) => READ.test(file)))
  const found = migrationFiles(path, candidates, contents, variables)
  const name = layout ?? detectLayout(path, found)
  const reading = await layouts[name].read(found)
  return assemble(name, { ...reading, others: [...others, ...reading.others] })
}

async function readOne(root: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(join(root, file))
  } catch (cause) {
    throw new LandfallError('usage', 'migrations/unreadable', `${file} cannot be read: ${messageOf(cause)}`, {
      next: 'mend the link or the rights of the file, or list it under migrations.exclude',
      location: { file, line: null, column: null },
      cause,
    })
  }
}

/** Relative to the config file, whichever way the config says it. */
export const directoryOf = (root: string, { dir }: MigrationsSettings): string =>
  isAbsolute(dir) ? relative(root, dir) : dir

export async function listFiles(root: string, directory: string): Promise<string[]> {
  const top = join(root, directory)
  try {
    const entries = await readdir(top, { withFileTypes: true, recursive: true })
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(top, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
  } catch (cause) {
    throw new LandfallError('usage', 'migrations/no-directory', `there is no migrations directory ${directory}`, {
      next: 'correct migrations in the config: the path is relative to the config file',
      location: { file: directory, line: null, column: null },
      cause,
    })
  }
}
