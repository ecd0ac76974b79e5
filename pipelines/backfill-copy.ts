import { connect } from '../backfills/database.ts'
import { rollbackRun } from '../backfills/rollback.ts'
import { statusOf } from '../backfills/status.ts'
import { cloneTarget, copyRows, type TargetCopy } from '../backfills/target-copy.ts'
import { LandfallError } from '../migrations/error.ts'
import { installLandfall } from '../migrations/install.ts'
import { readMigrations } from '../migrations/layouts/read.ts'
import { groundFor, replay } from '../migrations/replay.ts'
import { migrateStatus } from '../migrations/runner.ts'
import { openDatabases } from '../migrations/server/databases.ts'
import { startServer, type ServerRequest } from '../migrations/server/provider.ts'
import type { PlacedJob } from './backfill-run.ts'
import type { NamedSystem } from './load-config.ts'

export interface CopyRequest {
  /** Of one system. */
  readonly jobs: readonly PlacedJob[]
  readonly system: NamedSystem
  /** Where the copy is made when the target's own server cannot clone the database. */
  readonly server: ServerRequest
  readonly signal: AbortSignal
}

/** A copy of the target as the jobs need it, and how it was made. */
export interface MadeCopy extends TargetCopy {
  readonly how: string
}

/**
 * Makes a copy of a target: a clone of the database on its server; where that is not allowed, the migrations that it has,
 * replayed on a fresh server, with the rows of the tables that the jobs need.
 * @throws {LandfallError} `usage` · `environment`
 */
export async function copyOfTarget(request: CopyRequest): Promise<MadeCopy> {
  const [place] = request.jobs
  const clone = await cloneTarget(place!)
  if (typeof clone !== 'string') return { ...clone, how: 'a clone of the database, on its own server' }
  return replayedCopy(request, clone)
}

/** Undoes, on the copy, what runs of the job have written there: the rehearsal is of the whole job. */
export async function withoutRuns(place: PlacedJob): Promise<void> {
  const runs = await statusOf(place, { system: place.system, name: place.job.name })
  const open = runs.filter(({ state }) => state !== 'rolled-back')
  for (const { id } of open)
    await rollbackRun({ ...place, run: id, laterWrites: 'refuse', throttle: null }).catch((error: unknown) => {
      if (!(error instanceof LandfallError && error.code === 'backfills/finalized')) throw error
    })
  if (open.length === 0) return
  await using sql = connect(place)
  await sql`truncate landfall.backfill_run cascade` // a finalized run is not gone on with
}

async function replayedCopy({ jobs, system, server, signal }: CopyRequest, why: string): Promise<MadeCopy> {
  const [{ root, url, schema }] = jobs as [PlacedJob]
  await using made = new AsyncDisposableStack()
  const fresh = made.use(await startServer(server))
  const databases = made.use(await openDatabases(fresh))
  const { migrations } = await readMigrations(root, system.migrations)
  const known = await migrateStatus({ url, system: system.name, migrations })
  const pending = new Set(known.filter(({ state }) => state === 'pending').map(({ version }) => version))
  const applied = pending.size === known.length ? migrations : migrations.filter(({ version }) => !pending.has(version))
  const database = await groundFor({ databases, schema, prelude: system.migrations.prelude ?? null, root })
  const failed = await replay(database, schema, applied, { signal })
  if (failed !== null)
    throw new LandfallError(
      'usage',
      'backfills/copy-fails',
      `${failed.migration.up.file} fails on a fresh server: ${failed.failure.message}`,
      { next: 'landfall check replay says more' },
    )
  {
    await using sql = connect({ url: database.url, schema })
    await installLandfall(sql)
  }
  const tables = jobs.flatMap(({ job }) => [
    ...job.tables.map(({ table }) => table),
    ...(job.from.again === undefined ? [] : [job.from.label]),
  ])
  const copied = await copyRows({ url, schema }, database.superuserUrl, tables).catch((cause: unknown) => {
    throw cause instanceof LandfallError ? cause : unlikeTheMigrations(cause)
  })
  const kept = made.move()
  return {
    url: database.url,
    how: `${applied.length === 1 ? '1 migration' : `${applied.length} migrations`} replayed on a fresh server (${fresh.provider}), with the rows of ${copied.join(', ')}; no clone: ${why}`,
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  }
}

const unlikeTheMigrations = (cause: unknown): LandfallError =>
  new LandfallError(
    'usage',
    'backfills/copy-fails',
    `the rows of the target do not go into what its migrations make: ${(cause as Error).message}`,
    { next: 'landfall drift --database-url shows where they differ', cause },
  )
