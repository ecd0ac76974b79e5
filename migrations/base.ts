import { spawn } from 'node:child_process'
import { normalize } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { LandfallError } from './error.ts'
import { directoryOf, readDirectory, type MigrationSet } from './layouts/read.ts'
import type { MigrationsSettings } from './settings.ts'

/** The base as it is now, and as it was where the branch left it. */
export interface Base {
  readonly head: MigrationSet
  readonly fork: MigrationSet
}

/** The migrations at a git ref of the repository that holds the config; none when the directory was not there. */
export async function readBase(root: string, settings: MigrationsSettings, ref: string): Promise<Base> {
  const { commit, fork } = await forkOf(root, ref)
  const head = await readCommit(root, settings, ref, commit)
  return { head, fork: fork === commit ? head : await readCommit(root, settings, ref, fork) }
}

/** The commit that a ref names, and the one where the branch left it. */
export async function forkOf(root: string, ref: string): Promise<{ readonly commit: string; readonly fork: string }> {
  const commit = (await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], ref))
    .toString()
    .trim()
  // Without a commit of its own, or without a common one, the branch begins at the base; unless it is only not fetched.
  const fork = await git(root, ['merge-base', commit, 'HEAD'], ref).then(
    (output) => output.toString().trim(),
    async () => {
      if (await isShallow(root)) throw shallow(ref)
      return commit
    },
  )
  return { commit, fork }
}

async function readCommit(
  root: string,
  settings: MigrationsSettings,
  ref: string,
  commit: string,
): Promise<MigrationSet> {
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

/** Contents by file name. All of them from one process: each is answered with `<object> blob <size>`, a line end, the bytes, a line end. */
export async function readBlobs(
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

/** Runs git in the repository that holds `root`; `ref` is for the message. */
export async function git(root: string, args: readonly string[], ref: string, input = ''): Promise<Buffer> {
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

/** Whether the history of the repository that holds `root` was cut short by the checkout; false without a repository. */
export const isShallow = (root: string): Promise<boolean> =>
  git(root, ['rev-parse', '--is-shallow-repository'], 'HEAD').then(
    (output) => output.toString().trim() === 'true',
    () => false,
  )

export const shallow = (ref: string): LandfallError =>
  new LandfallError(
    'usage',
    'base/shallow',
    `the checkout is shallow: what the branch and ${ref} have in common is not in it`,
    { next: 'fetch the whole history: fetch-depth: 0 of actions/checkout, or git fetch --unshallow' },
  )
