import { spawn } from 'node:child_process'
import { normalize } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { LandfallError } from './error.ts'
import { directoryOf, readDirectory, type MigrationSet } from './layouts/read.ts'
import {
  compareVersions,
  isRepeatable,
  migrationLabel,
  versionKey,
  type FileProblem,
  type Migration,
} from './migration.ts'
import type { MigrationsSettings } from './settings.ts'

/** What the branch does to the migrations of its base. */
export interface BranchComparison {
  /** The up files of the migrations that the branch adds. */
  readonly added: ReadonlySet<string>
  readonly problems: readonly FileProblem[]
}

/** The migrations as they are at a git ref of the repository that holds the config; none when the directory was not there. */
export async function readBase(root: string, settings: MigrationsSettings, ref: string): Promise<MigrationSet> {
  const commit = (await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], ref))
    .toString()
    .trim()
  const path = directoryOf(root, settings)
  const prefix = `${normalize(path)}/`.replaceAll(/^\.\/+|(?<=\/)\/+/g, '')
  const listing = (await git(root, ['ls-tree', '-r', '-z', commit, '--', prefix || '.'], ref)).toString()
  const blobs = new Map(
    listing
      .split('\0')
      .filter((line) => line.includes(' blob '))
      .map((line) => [line.slice(line.indexOf('\t') + 1 + prefix.length), line.split(/[ \t]/)[2]!]),
  )
  const read = (files: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> =>
    readBlobs(root, new Map(files.map((file) => [file, blobs.get(file)!])), ref)
  return readDirectory({ path, files: [...blobs.keys()], read }, settings)
}

/** All of them from one process: each is answered with `<object> blob <size>`, a line end, the bytes, a line end. */
async function readBlobs(
  root: string,
  objects: ReadonlyMap<string, string>,
  ref: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const answer = await git(root, ['cat-file', '--batch'], ref, [...objects.values(), ''].join('\n'))
  const contents = new Map<string, Uint8Array>()
  let at = 0
  for (const file of objects.keys()) {
    const start = answer.indexOf('\n', at) + 1
    const end = start + Number(answer.subarray(at, start).toString().split(' ')[2])
    contents.set(file, answer.subarray(start, end))
    at = end + 1
  }
  return contents
}

/** What is merged may not change: databases that ran it never see the new text. Line ends and byte-order marks are no change. */
export function compareWithBase(base: readonly Migration[], head: readonly Migration[]): BranchComparison {
  const problems: FileProblem[] = []
  const { merged, gone } = match(base, head)
  const added = head.filter((migration) => !merged.has(migration))
  const newest = base.findLast((migration) => !isRepeatable(migration))
  for (const migration of head) {
    const before = merged.get(migration)
    if (before) problems.push(...changes(before, migration))
    else if (newest && compareVersions(migration.version, newest.version) < 0) {
      const message = `is new, and comes before ${migrationLabel(newest)}, which is merged`
      problems.push(problem('files/inserted-before-base-head', migration, message))
    }
  }
  for (const before of gone) {
    const moved = added.find(({ up }) => up.sql === before.up.sql)
    problems.push(
      moved
        ? problem('files/renamed-after-merge', moved, `was ${migrationLabel(before)} when it was merged`)
        : problem('files/deleted-after-merge', before, 'is merged, and its file is gone'),
    )
  }
  return { added: new Set(added.map(({ up }) => up.file)), problems }
}

interface Matched {
  /** A migration of the branch → what it was in the base. */
  readonly merged: ReadonlyMap<Migration, Migration>
  /** Those of the base that the branch no longer has. */
  readonly gone: readonly Migration[]
}

/** By version; one that is taken twice is told apart by name. */
function match(base: readonly Migration[], head: readonly Migration[]): Matched {
  const exact = ({ version, name }: Migration): string => `${versionKey(version)} ${name}`
  const byVersion = ({ version }: Migration): string => versionKey(version)
  const merged = new Map<Migration, Migration>()
  let gone = [...base]
  for (const keyOf of [exact, byVersion]) {
    const waiting = Map.groupBy(gone, keyOf)
    for (const migration of head) {
      const before = merged.has(migration) ? undefined : waiting.get(keyOf(migration))?.shift()
      if (before) merged.set(migration, before)
    }
    gone = [...waiting.values()].flat()
  }
  return { merged, gone }
}

function changes(before: Migration, after: Migration): FileProblem[] {
  if (before.name !== after.name)
    return [problem('files/renamed-after-merge', after, `was ${migrationLabel(before)} when it was merged`)]
  if (isRepeatable(after)) return [] // its text is meant to change
  if (before.up.sql !== after.up.sql)
    return [problem('files/edited-after-merge', after, 'is merged, and its up script is not what it was')]
  if (before.down?.sql === after.down?.sql) return []
  return [
    {
      ...problem('files/down-edited-after-merge', after, 'is merged; only its down script changed'),
      file: after.down?.file ?? after.up.file,
    },
  ]
}

const problem = (rule: FileProblem['rule'], migration: Migration, message: string): FileProblem => ({
  rule,
  file: migration.up.file,
  message: `${migrationLabel(migration)} ${message}`,
})

async function git(root: string, args: readonly string[], ref: string, input = ''): Promise<Buffer> {
  const child = spawn('git', ['-C', root, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}) // its exit code says what is wrong
  child.stdin.end(input)
  const failed = new Promise<never>((_, reject) => child.once('error', reject))
  const [output, errors, code] = await Promise.race([
    Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      new Promise<number | null>((resolve) => child.once('close', resolve)),
    ]),
    failed,
  ])
  if (code === 0) return output
  throw new LandfallError(
    'usage',
    'base/unknown',
    `--base ${ref}: git knows no such commit in the repository of the config: ${errors.toString().trim() || 'unknown ref'}`,
    {
      next: 'name a branch, a tag or a commit that is there; in CI fetch it first (fetch-depth: 0)',
    },
  )
}

/** Whether the repository that holds `root` knows a commit by this name. */
export const knowsRef = (root: string, ref: string): Promise<boolean> =>
  git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], ref).then(
    () => true,
    () => false,
  )
