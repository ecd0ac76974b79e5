import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, matchesGlob, relative, sep } from 'node:path'
import { LandfallError } from './error.ts'
import { directoryOf } from './layouts/read.ts'
import type { MigrationsSettings } from './settings.ts'

/** The file beside the migrations that shows an edit without a database, and makes two branches that both add one collide. */
export const SUM_FILE = 'landfall.sum'

const HEAD =
  '# h1: base64 of the SHA-256 of the UTF-8 text, without a byte-order mark, line ends as \\n; first that of the lines below'

// What a layout reads.
const SUMMED = /^[^.].*\.(sql|conf|toml)$/i

/** A line of `landfall.sum` that is not what the directory says. */
export interface SumDifference {
  /** Relative to the migrations directory, or `landfall.sum` itself. */
  readonly file: string
  readonly what: 'changed' | 'added' | 'removed' | 'total'
  /** Of `landfall.sum`, from 1. */
  readonly line: number
}

/** The text that `landfall.sum` must have: a total hash, then one line a file, in the order of their names. */
export async function sumOf(root: string, settings: MigrationsSettings): Promise<string> {
  const directory = join(root, directoryOf(root, settings))
  const lines: string[] = []
  for (const file of await summedFiles(directory, settings)) {
    lines.push(`${file} ${h1(normalised(await readFile(join(directory, file), 'utf8')))}`)
  }
  return [HEAD, h1(lines.map((line) => `${line}\n`).join('')), ...lines, ''].join('\n')
}

/** Writes `landfall.sum`; returns its path relative to the config file. */
export async function writeSum(root: string, settings: MigrationsSettings): Promise<string> {
  const text = await sumOf(root, settings)
  const file = join(directoryOf(root, settings), SUM_FILE)
  await writeFile(join(root, file), text)
  return file
}

/** Where `landfall.sum` and the directory part ways; null when there is no such file. */
export async function compareSum(root: string, settings: MigrationsSettings): Promise<SumDifference[] | null> {
  const text = await readFile(join(root, directoryOf(root, settings), SUM_FILE), 'utf8').catch(() => null)
  if (text === null) return null
  const [written, actual] = [entriesOf(text), entriesOf(await sumOf(root, settings))]
  const differences: SumDifference[] = []
  for (const [file, { hash, line }] of written.files) {
    const now = actual.files.get(file)
    if (now?.hash !== hash) differences.push({ file, what: now ? 'changed' : 'removed', line })
  }
  for (const file of actual.files.keys())
    if (!written.files.has(file)) differences.push({ file, what: 'added', line: 1 })
  if (differences.length === 0 && written.total !== actual.total)
    differences.push({ file: SUM_FILE, what: 'total', line: 2 })
  return differences
}

/** A difference as a sentence. */
export const sumMessage = ({ file, what }: SumDifference): string => SENTENCES[what](file)

const SENTENCES: Readonly<Record<SumDifference['what'], (file: string) => string>> = {
  changed: (file) => `${file} is not what ${SUM_FILE} says`,
  added: (file) => `${file} is not in ${SUM_FILE}`,
  removed: (file) => `${file} is in ${SUM_FILE}, and there is no such file`,
  total: (file) => `the lines of ${file} are not those that its total was made of`,
}

interface Entries {
  readonly total: string | null
  readonly files: ReadonlyMap<string, { readonly hash: string; readonly line: number }>
}

function entriesOf(text: string): Entries {
  const files = new Map<string, { hash: string; line: number }>()
  let total: string | null = null
  for (const [index, line] of normalised(text).split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue
    const [, file, hash] = /^(?:(.+) )?(\S+)$/.exec(line) ?? []
    if (file === undefined) total = hash ?? null
    else files.set(file, { hash: hash!, line: index + 1 })
  }
  return { total, files }
}

const normalised = (text: string): string => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')

const h1 = (text: string): string => `h1:${createHash('sha256').update(text).digest('base64')}`

async function summedFiles(directory: string, { exclude }: MigrationsSettings): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch((cause: unknown) => {
    throw new LandfallError('usage', 'migrations/no-directory', `there is no migrations directory ${directory}`, {
      next: 'correct migrations in the config: the path is relative to the config file',
      cause,
    })
  })
  return entries
    .filter((entry) => entry.isFile() && SUMMED.test(entry.name))
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((file) => !exclude.some((glob) => matchesGlob(file, glob)))
    .toSorted()
}
