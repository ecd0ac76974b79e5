import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Code } from '../backfills/audit.ts'
import { loadJobs, type LoadedJob } from '../backfills/load.ts'
import { inOrder } from '../backfills/order.ts'
import type { JobPlace } from '../backfills/run.ts'
import type { Run } from '../backfills/run-state.ts'
import { statusOf } from '../backfills/status.ts'
import { git } from '../migrations/base.ts'
import { LandfallError } from '../migrations/error.ts'
import { installLandfall } from '../migrations/install.ts'
import { connect } from '../migrations/server/databases.ts'
import { selectSystems, type Config } from './load-config.ts'

/** A job with everything that the engine needs to run it on a database. */
export type PlacedJob = JobPlace & Pick<LoadedJob, 'file'>

/** The jobs of the systems asked for, each system's in their own order. */
export async function placeJobs(config: Config, systems: readonly string[], url: string): Promise<PlacedJob[]> {
  const placed: PlacedJob[] = []
  for (const { name: system, backfills, migrations } of selectSystems(config, systems)) {
    if (backfills === undefined) continue
    const loaded = await loadJobs({ root: config.root, globs: backfills })
    const files = new Map(loaded.map(({ job, file }) => [job, file]))
    for (const job of inOrder([...files.keys()])) {
      placed.push({ url, schema: migrations.schema, root: config.root, system, job, file: files.get(job)! })
    }
  }
  if (placed.length > 0) return placed
  throw new LandfallError('usage', 'backfills/none', 'no system asked for has backfills', {
    next: 'name the job files under backfills in the config',
  })
}

/** The jobs that were named, in the order in which they run. */
export function namedJobs(placed: readonly PlacedJob[], names: readonly string[]): PlacedJob[] {
  const unknown = names.find((name) => !placed.some(({ job }) => job.name === name))
  if (unknown !== undefined) throw unknownJob(placed, unknown)
  return placed.filter(({ job }) => names.includes(job.name))
}

/** A run and its job, by the name of the job (its latest run that is not rolled back) or the id of the run. */
export async function findRunOf(
  placed: readonly PlacedJob[],
  name: string,
): Promise<{ readonly place: PlacedJob; readonly run: Run }> {
  for (const place of placed) {
    const runs = await statusOf(place, { system: place.system, name: place.job.name })
    const run =
      runs.find(({ id, state }) => id === name || (place.job.name === name && state !== 'rolled-back')) ??
      (place.job.name === name ? runs[0] : undefined)
    if (run) return { place, run }
  }
  if (!placed.some(({ job }) => job.name === name)) throw unknownJob(placed, name)
  throw new LandfallError('usage', 'backfills/no-run', `there is no run of ${name}`, {
    next: `landfall backfill run ${name}`,
  })
}

/** The ledger, before the first run on a database. */
export async function installLedger(url: string): Promise<void> {
  const sql = connect(url)
  try {
    await installLandfall(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/**
 * On this machine, or somewhere else: what is somewhere else is asked about before it is written to. Both drivers have to
 * end up here, by the host of the URL, by its parameter `host`, and by `PGHOST`.
 */
export function isLocal(url: string, env: Readonly<Record<string, string | undefined>> = {}): boolean {
  const { hostname, searchParams } = new URL(url)
  const hosts = [hostname || (env['PGHOST'] ?? ''), searchParams.get('host') ?? '', searchParams.get('hostaddr') ?? '']
  return hosts.every(
    (host) => ['localhost', '127.0.0.1', '[::1]', '::1', ''].includes(host) || /^(%2f|\/)/i.test(host), // a socket
  )
}

/** What a job was loaded from, for the record: the hash of its file, and the commit of the repository around the config. */
export async function codeOf({ root, file }: PlacedJob): Promise<Code> {
  const hash = createHash('sha256')
    .update(await readFile(resolve(root, file)))
    .digest('hex')
  const said = async (...args: string[]): Promise<string> => (await git(root, args, 'HEAD')).toString().trim()
  try {
    const commit = await said('rev-parse', 'HEAD')
    return { hash, commit: (await said('status', '--porcelain', '--', '.')) === '' ? commit : `${commit}+` }
  } catch {
    return { hash, commit: null } // no repository, or no git
  }
}

const unknownJob = (placed: readonly PlacedJob[], name: string): LandfallError =>
  new LandfallError('usage', 'backfills/unknown', `there is no backfill and no run "${name}"`, {
    next: `the backfills are: ${placed.map(({ job }) => job.name).join(', ')}`,
  })
