import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { LandfallError } from './error.ts'
import { directoryOf, readDirectory, type MigrationSet } from './layouts/read.ts'
import { compareVersions, migrationLabel, type FileProblem, type Migration } from './migration.ts'
import type { MigrationsSettings } from './settings.ts'

/** What the branch does to the migrations of its base. */
export interface BranchComparison {
  /** Versions that the branch adds, as written. */
  readonly added: ReadonlySet<string>
  readonly problems: readonly FileProblem[]
}

/** The migrations as they are at a git ref of the repository that holds the config; none when the directory was not there. */
export async function readBase(root: string, settings: MigrationsSettings, ref: string): Promise<MigrationSet> {
  const commit = (await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], ref))
    .toString()
    .trim()
  const path = directoryOf(root, settings)
  const listing = (await git(root, ['ls-tree', '-z', commit, '--', `${path.replace(/\/+$/, '')}/`], ref)).toString()
  const blobs = new Map(
    listing
      .split('\0')
      .filter((line) => line.includes(' blob '))
      .map((line) => {
        const [meta = '', name = ''] = line.split('\t')
        return [name.slice(name.lastIndexOf('/') + 1), meta.split(' ')[2]!]
      }),
  )
  const read = async (file: string): Promise<Uint8Array> => git(root, ['cat-file', 'blob', blobs.get(file)!], ref)
  return readDirectory({ path, files: [...blobs.keys()], read }, settings)
}

/** What is merged may not change: databases that ran it never see the new text. Line ends and byte-order marks are no change. */
export function compareWithBase(base: readonly Migration[], head: readonly Migration[]): BranchComparison {
  const merged = new Map(base.map((migration) => [BigInt(migration.version), migration]))
  const problems: FileProblem[] = []
  const added = head.filter(({ version }) => !merged.has(BigInt(version)))
  const newest = base.at(-1)
  for (const migration of head) {
    const before = merged.get(BigInt(migration.version))
    merged.delete(BigInt(migration.version))
    if (before) problems.push(...changes(before, migration))
    else if (newest && compareVersions(migration.version, newest.version) < 0) {
      problems.push(
        problem(
          'files/inserted-before-base-head',
          migration,
          `is new, and comes before ${migrationLabel(newest)}, which is merged`,
        ),
      )
    }
  }
  for (const gone of merged.values()) {
    const moved = added.find(({ up }) => up.sql === gone.up.sql)
    problems.push(
      moved
        ? problem('files/renamed-after-merge', moved, `was ${migrationLabel(gone)} when it was merged`)
        : problem('files/deleted-after-merge', gone, 'is merged, and its file is gone'),
    )
  }
  return { added: new Set(added.map(({ version }) => version)), problems }
}

function changes(before: Migration, after: Migration): FileProblem[] {
  if (before.name !== after.name)
    return [problem('files/renamed-after-merge', after, `was ${migrationLabel(before)} when it was merged`)]
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

async function git(root: string, args: readonly string[], ref: string): Promise<Buffer> {
  const child = spawn('git', ['-C', root, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
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
