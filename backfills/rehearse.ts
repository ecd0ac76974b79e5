import type { Sql } from 'postgres'
import { LandfallError, messageOf, type Location } from '../migrations/error.ts'
import { installLandfall } from '../migrations/install.ts'
import type { Difference } from './compare.ts'
import { connect, type Place } from './database.ts'
import { tableFingerprint } from './fingerprint.ts'
import { listRejects } from './rejects.ts'
import type { LoadedJob } from './load.ts'
import { inOrder } from './order.ts'
import { planBackfill } from './plan.ts'
import type { Reject } from './record.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill, type JobPlace } from './run.ts'
import type { Run } from './run-state.ts'
import { Sessions } from './sessions.ts'
import { readTargets, type Target } from './target.ts'
import { verifyRun } from './verify.ts'

export interface RehearseOptions extends Place {
  /** The directory of the config file. */
  readonly root: string
  readonly system: string
  readonly jobs: readonly LoadedJob[]
  readonly signal?: AbortSignal
}

/** What became of a job on a copy of the database. */
export interface Rehearsal {
  readonly name: string
  /** What positions count in: the source's file, or the job's for a store. */
  readonly file: string
  readonly read: number
  readonly written: number
  readonly existing: number
  readonly rejected: number
  /** Null when it was not reached. */
  readonly verified: boolean | null
  readonly rolledBack: boolean | null
  readonly durationMs: number
  readonly rejects: readonly Reject[]
  readonly differences: readonly Difference[]
  /** Tables that were not, after the rollback, what they were before the run. */
  readonly notRestored: readonly string[]
  /** What ended the rehearsal of this job, if anything did. */
  readonly error: { readonly message: string; readonly location: Location | null } | null
}

/**
 * Tries every job in its order: dry run, run, verification, rollback (each table must be what it was), and the run
 * again, so that later jobs find what they refer to. A job that fails ends only those that wait for it. The
 * database is the caller's to throw away.
 * @throws {LandfallError} `usage` when the jobs cannot be ordered · `environment`
 */
export async function rehearse(request: RehearseOptions): Promise<Rehearsal[]> {
  await using sessions = new Sessions()
  const options = { ...request, sessions }
  const files = new Map(options.jobs.map(({ job, file }) => [job, file]))
  const rehearsals: Rehearsal[] = []
  await asked(options, installLandfall)
  for (const job of inOrder([...files.keys()])) {
    const failed = job.after.find((name) => rehearsals.find((earlier) => earlier.name === name)?.error)
    const place = { ...options, job }
    rehearsals.push(
      failed === undefined
        ? await rehearseJob(place, files.get(job)!)
        : {
            ...nothing(job.name, job.from.file ?? files.get(job)!),
            error: { message: `not tried: ${failed}, which it comes after, failed`, location: null },
          },
    )
    if (options.signal?.aborted) break
  }
  return rehearsals
}

const nothing = (name: string, file: string): Rehearsal => ({
  name,
  file,
  read: 0,
  written: 0,
  existing: 0,
  rejected: 0,
  verified: null,
  rolledBack: null,
  durationMs: 0,
  rejects: [],
  differences: [],
  notRestored: [],
  error: null,
})

const NO_LIMIT = { maxRejects: null, onRejectLimit: 'stop' } as const

async function rehearseJob(place: JobPlace & { readonly signal?: AbortSignal }, file: string): Promise<Rehearsal> {
  const begun = performance.now()
  const { job } = place
  let known = nothing(job.name, job.from.file ?? file)
  try {
    await planBackfill(place)
    const targets = await asked(place, (sql) => readTargets(sql, place.schema, job))
    const before = await asked(place, (sql) => fingerprints(sql, targets))
    const { read, written, existing, rejected, id } = await completed(place)
    const rejects = await asked(place, (sql) => listRejects(sql, id))
    known = {
      ...known,
      read,
      written,
      existing,
      rejected,
      rejects: rejects.map(({ position, stage, code, reason, raw }) => ({ position, stage, code, reason, raw })),
    }
    const { ok, differences } = await verifyRun({ ...place, full: true })
    known = { ...known, verified: ok, differences }
    await rollbackRun({ ...place, run: id, laterWrites: 'refuse', throttle: null })
    const after = await asked(place, (sql) => fingerprints(sql, targets))
    const notRestored = targets.filter((_, n) => before[n] !== after[n]).map(({ table }) => table)
    known = { ...known, rolledBack: notRestored.length === 0, notRestored }
    const again = await completed(place)
    if (again.written !== written) throw unlike(job.name, written, again.written)
  } catch (error) {
    const ours = error instanceof LandfallError
    if (ours && error.kind === 'environment' && error.code === 'backfills/cannot-connect') throw error
    known = {
      ...known,
      error: {
        message: messageOf(error),
        location: (ours ? error.location : null) ?? { file, line: null, column: null },
      },
    }
  }
  return { ...known, durationMs: Math.round(performance.now() - begun) }
}

/** In a session that a run may have next. */
async function asked<T>(place: Place, question: (sql: Sql) => Promise<T>): Promise<T> {
  await using sql = connect(place)
  return await question(sql)
}

async function completed(place: JobPlace & { readonly signal?: AbortSignal }): Promise<Run> {
  const { run, error } = await runBackfill({ ...place, limits: NO_LIMIT, throttle: null })
  if (error !== null) throw error
  return run
}

const fingerprints = async (sql: Sql, targets: readonly Target[]): Promise<string[]> => {
  const all: string[] = []
  for (const target of targets) all.push(await tableFingerprint(sql, target))
  return all
}

const unlike = (name: string, first: number, second: number): LandfallError =>
  new LandfallError(
    'findings',
    'backfills/not-repeatable',
    `${name} wrote ${first} records, and ${second} when it was run again after its rollback`,
    {
      next: 'look for triggers, sequences and other state that the rollback cannot reach',
    },
  )
