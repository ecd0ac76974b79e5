import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { forkOf, git, readBlobs } from './base.ts'

/** The TypeScript of a commit, in a directory of its own. */
export interface BaseSources extends AsyncDisposable {
  /** What the config's directory is in it. */
  readonly root: string
}

const WANTED = /\.[cm]?tsx?$|(?:^|\/)(?:tsconfig[^/]*|package)\.json$/

/** The sources where the branch left its base; packages resolve to what the checkout has installed. */
export async function baseSources(root: string, ref: string): Promise<BaseSources> {
  const { fork } = await forkOf(root, ref)
  const said = async (...args: string[]): Promise<string> => (await git(root, args, ref)).toString().trim()
  const top = await said('rev-parse', '--show-toplevel')
  const prefix = await said('rev-parse', '--show-prefix')
  const listing = (await git(root, ['ls-tree', '-r', '-z', '--full-tree', fork], ref)).toString().split('\0')
  const blobs = new Map(
    listing
      .filter((line) => /^100\d+ blob /.test(line))
      .map((line): [string, string] => [line.slice(line.indexOf('\t') + 1), line.split(/[ \t]/)[2]!])
      .filter(([file]) => WANTED.test(file) && !file.split('/').includes('node_modules')),
  )
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'landfall-base-')))
  const sources: BaseSources = {
    root: join(directory, prefix),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
  try {
    await mkdir(sources.root, { recursive: true })
    for (const [file, contents] of await readBlobs(root, blobs, ref)) {
      await mkdir(dirname(join(directory, file)), { recursive: true })
      await writeFile(join(directory, file), contents)
    }
    const packages = [...blobs.keys()].filter((file) => file.endsWith('package.json')).map(dirname)
    for (const place of new Set([...packages, ...above(prefix)])) await linkPackages(directory, top, place)
    return sources
  } catch (error) {
    await sources[Symbol.asyncDispose]()
    throw error
  }
}

/** `a/b/` → `a/b`, `a`, `.`. */
const above = (prefix: string): string[] => {
  const parts = prefix.split('/').filter(Boolean)
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), '.']
}

async function linkPackages(directory: string, top: string, place: string): Promise<void> {
  const beside = place === '.' ? nearestPackages(top) : join(top, place, 'node_modules')
  const link = join(directory, place, 'node_modules')
  if (beside !== null && existsSync(beside) && !existsSync(link)) await symlink(beside, link)
}

function nearestPackages(directory: string): string | null {
  const packages = join(directory, 'node_modules')
  if (existsSync(packages)) return packages
  return dirname(directory) === directory ? null : nearestPackages(dirname(directory))
}
