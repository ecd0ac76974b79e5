import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { createHash, randomBytes, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chown, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** The data directory of a stopped server, kept for the next one of its kind. */
export interface KeptCluster {
  /** Unpacks the newest into `data`, for the user of `options`. False, and no `data`, when there is none that is whole. */
  readonly restore: (data: string, options: SpawnOptions) => Promise<boolean>
  /** Packs `data`, whose server was stopped, and lets go of what was kept before. */
  readonly save: (data: string) => Promise<void>
}

const ABANDONED_MS = 3_600_000

/**
 * Clusters of one `kind` are tar files in `directory`, each with the SHA-256 of its contents in its name: a file that is
 * not what its name says was cut short or damaged, and is nobody's cluster. Written aside and renamed, so that of two
 * runs the later one wins and no reader meets half a file.
 */
export function keptCluster(directory: string, kind: string): KeptCluster {
  const files = async (): Promise<{ path: string; hash: string; modified: number }[]> => {
    const names = (await readdir(directory).catch(() => [])).filter((name) => name.startsWith(`${kind}-`))
    const found = names.flatMap((name) => {
      const hash = /^([0-9a-f]{64})\.tar$/.exec(name.slice(kind.length + 1))?.[1]
      return hash === undefined ? [] : [{ path: join(directory, name), hash }]
    })
    const dated = found.map(async (file) => ({ ...file, modified: await modifiedMs(file.path) }))
    return (await Promise.all(dated)).toSorted((a, b) => b.modified - a.modified)
  }
  return {
    async restore(data, options) {
      for (const { path, hash } of await files()) {
        await mkdir(data, { mode: 0o700 })
        if (options.uid !== undefined) await chown(data, options.uid, options.gid!)
        const digest = await unpack(path, data, options).catch(() => null)
        if (digest === hash) return true
        await rm(data, { recursive: true, force: true })
      }
      return false
    },
    async save(data) {
      await mkdir(directory, { recursive: true })
      const before = await files()
      const aside = join(directory, `${kind}-${randomBytes(6).toString('hex')}.part`)
      try {
        const hash = await pack(data, aside)
        await rename(aside, join(directory, `${kind}-${hash}.tar`))
        for (const old of before) if (old.hash !== hash) await rm(old.path, { force: true })
      } finally {
        await rm(aside, { force: true })
      }
      await removeAbandoned(directory, kind)
    },
  }
}

/**
 * Resolves to the digest of the file. It is tar's standard input, since tar's user may not be able to open it, and is read
 * for the digest by itself, since tar may stop before its end.
 */
async function unpack(path: string, data: string, options: SpawnOptions): Promise<string> {
  await using file = await open(path)
  const hash = createHash('sha256')
  const tar = spawn('tar', ['-xf', '-', '-C', data], { ...options, cwd: '/', stdio: [file.fd, 'ignore', 'ignore'] })
  const read = async (): Promise<void> => {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  }
  await Promise.all([ended(tar), read()])
  return hash.digest('hex')
}

async function pack(data: string, file: string): Promise<string> {
  const tar = spawn('tar', ['-cf', '-', '-C', data, '.'], { cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] })
  const hash = createHash('sha256')
  await Promise.all([ended(tar), pipeline(tar.stdout, hashing(hash), createWriteStream(file, { mode: 0o600 }))])
  return hash.digest('hex')
}

const hashing = (hash: Hash): Transform =>
  new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}`))))
  })

const modifiedMs = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )

/** What a run that was killed while it wrote has left. */
async function removeAbandoned(directory: string, kind: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const ours = name.startsWith(`${kind}-`) && name.endsWith('.part')
    if (ours && Date.now() - (await modifiedMs(path)) > ABANDONED_MS) await rm(path, { force: true })
  }
}
