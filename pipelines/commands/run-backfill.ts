import { planBackfill, type BackfillPlan } from '../../backfills/plan.ts'
import { planRollback, rollbackRun } from '../../backfills/rollback.ts'
import { runBackfill } from '../../backfills/run.ts'
import type { Run } from '../../backfills/run-state.ts'
import { rejectsOf, statusOf, stopBackfill } from '../../backfills/status.ts'
import { verifyRun } from '../../backfills/verify.ts'
import { LandfallError } from '../../migrations/error.ts'
import { findRunOf, installLedger, isLocal, namedJobs, placeJobs, type PlacedJob } from '../backfill-run.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-code.ts'
import { loadConfig } from '../load-config.ts'
import { startProgress } from '../progress.ts'
import type { BackfillFlags, ConfirmedFlags, RollbackFlags, RunFlags } from './backfill.ts'
import { listTable, type Listed, planText, rejectLines, runsTable, verificationLines } from './backfill-text.ts'
import { guarded, sayError } from './errors.ts'
import { databaseUrlOf } from './flags.ts'

export const list = command(async (context, flags) => {
  const placed = await jobs(context, flags)
  const backfills: Listed[] = []
  for (const { job, system, ...place } of placed) {
    const [lastRun = null] = await statusOf(place, { system, name: job.name })
    backfills.push({
      name: job.name,
      system,
      into: oneOrAll(job.tables.map(({ table }) => table)),
      after: job.after,
      lastRun,
    })
  }
  print(context, flags, { backfills }, () => listTable(backfills))
  return 0
})

export const plan = command((context, flags, ...names) => planJobs(context, flags, names))

export const run = command<RunFlags>(async (context, flags, ...names) => {
  if (flags.dryRun) return planJobs(context, flags, names)
  const { maxRejects, onRejectLimit, again } = flags
  if (maxRejects !== undefined && (!Number.isInteger(maxRejects) || maxRejects < 0)) {
    throw new LandfallError(
      'usage',
      'backfills/max-rejects',
      `--max-rejects ${maxRejects} is not a number of records`,
      { next: 'give 0 or more' },
    )
  }
  const limits =
    maxRejects === undefined && onRejectLimit === undefined
      ? {}
      : { limits: { maxRejects: maxRejects ?? 0, onRejectLimit: onRejectLimit ?? ('stop' as const) } }
  const places = namedJobs(await jobs(context, flags), names)
  return runJobs(context, flags, places, { mode: again ? 'again' : 'continue', ...limits })
})

export const resume = command<ConfirmedFlags>(async (context, flags, name) => {
  const { place } = await findRunOf(await jobs(context, flags), name!)
  return runJobs(context, flags, [place], { mode: 'resume' })
})

export const status = command(async (context, flags, ...names) => {
  const placed = await jobs(context, flags)
  const runs: Run[] = []
  if (names.length > 0) for (const name of names) runs.push((await findRunOf(placed, name)).run)
  else
    for (const system of new Set(placed.map((place) => place.system)))
      runs.push(
        ...(await statusOf(
          placed.find((place) => place.system === system)!,
          { system },
        )),
      )
  printRuns(context, flags, runs)
  return 0
})

export const pause = command((context, flags, name) => stop(context, flags, name!, 'paused'))
export const cancel = command((context, flags, name) => stop(context, flags, name!, 'cancelled'))

export const verify = command(async (context, flags, ...names) => {
  const placed = await jobs(context, flags)
  const wanted = names.length > 0 ? names : await finished(placed)
  const runs: Run[] = []
  let failed = false
  for (const name of wanted) {
    const { place, run } = await findRunOf(placed, name)
    const verification = await verifyRun({ ...place, run: run.id })
    runs.push(verification.run)
    failed ||= !verification.ok || verification.run.rejected > 0
    for (const line of verificationLines(verification)) context.say(line)
  }
  printRuns(context, flags, runs)
  return failed ? 1 : 0
})

export const rollback = command<RollbackFlags>(async (context, flags, name) => {
  const { place, run } = await findRunOf(await jobs(context, flags), name!)
  const { url, schema, system } = place
  const { laterWrites } = flags
  if (laterWrites !== 'refuse' || !isLocal(url)) {
    const planned = await planRollback({ url, schema, system, run: run.id })
    context.say(
      `rolling back ${run.name} (${run.id}): ${planned.rows} rows in ${planned.batches} batches, ${planned.laterWrites.length} of them written later`,
    )
    await confirm(
      context,
      flags.yes,
      run.name,
      `${laterWrites === 'refuse' ? 'This database is on another machine.' : `--later-writes ${laterWrites} does not keep every later write.`}`,
    )
  }
  const progress = startProgress(context)
  const outcome = await rollbackRun({
    url,
    schema,
    system,
    run: run.id,
    laterWrites,
    onUndone: (undone, batches) => progress.update(`${run.name}: ${undone}/${batches} batches undone`),
  }).finally(() => progress.done())
  printRuns(context, flags, [outcome.run])
  return 0
})

export const rejects = command(async (context, flags, name) => {
  const { place, run } = await findRunOf(await jobs(context, flags), name!)
  const found = await rejectsOf(place, { system: place.system, name: run.id })
  print(context, flags, { rejects: found }, () => rejectLines(found))
  return 0
})

// --- internal ---

type Work<F> = (context: CliContext, flags: F, ...names: string[]) => Promise<number>

function command<F extends BackfillFlags = BackfillFlags>(
  work: Work<F>,
): (this: CliContext, flags: F, ...names: string[]) => Promise<void> {
  return function (flags, ...names) {
    return guarded(this, () => work(this, flags, ...names))
  }
}

/** As the job says it: one table by its name, several as a list. */
const oneOrAll = (tables: readonly string[]): string | readonly string[] => (tables.length === 1 ? tables[0]! : tables)

async function jobs(context: CliContext, flags: BackfillFlags): Promise<PlacedJob[]> {
  const url = databaseUrlOf(flags, context.env)
  return placeJobs(await loadConfig(context.cwd, flags.config ?? null), flags.system ?? [], url)
}

async function planJobs(context: CliContext, flags: BackfillFlags, names: readonly string[]): Promise<number> {
  const plans: BackfillPlan[] = []
  for (const place of namedJobs(await jobs(context, flags), names)) plans.push(await planBackfill(place))
  print(context, flags, { plans }, () => plans.map(planText).join('\n'))
  return plans.some(({ rejected }) => rejected > 0) ? 1 : 0
}

async function runJobs(
  context: CliContext,
  flags: ConfirmedFlags,
  places: readonly PlacedJob[],
  options: Pick<Parameters<typeof runBackfill>[0], 'mode' | 'limits'>,
): Promise<number> {
  const url = places[0]!.url
  if (!isLocal(url)) await confirm(context, flags.yes, places[0]!.job.name, 'This database is on another machine.')
  await installLedger(url)
  const progress = startProgress(context)
  const runs: Run[] = []
  const codes: number[] = []
  try {
    for (const place of places) {
      const started = performance.now()
      const onProgress = ({ name, read, rejected }: Run): void =>
        progress.update(
          `${name}: ${read} read, ${rejected} rejected, ${Math.round(read / Math.max(0.001, (performance.now() - started) / 1000))} records/s`,
        )
      const { run: done, error } = await runBackfill({ ...place, ...options, signal: context.signal, onProgress })
      runs.unshift(done)
      if (error !== null) {
        progress.done()
        sayError(context, error)
        codes.push(exitCodeOf(error))
        break // what comes after may need what is not there
      }
      if (done.rejected > 0) codes.push(1)
    }
  } finally {
    progress.done()
  }
  if (context.signal.aborted) codes.push(exitCodeOf(context.signal.reason))
  printRuns(context, flags, runs)
  return worstOf(codes)
}

async function stop(
  context: CliContext,
  flags: BackfillFlags,
  name: string,
  to: 'paused' | 'cancelled',
): Promise<number> {
  const { place, run } = await findRunOf(await jobs(context, flags), name)
  printRuns(context, flags, [await stopBackfill(place, { system: place.system, name: run.id }, to)])
  return 0
}

/** The jobs whose latest run is over. */
async function finished(placed: readonly PlacedJob[]): Promise<string[]> {
  const names: string[] = []
  for (const place of placed) {
    const runs = await statusOf(place, { system: place.system, name: place.job.name })
    if (runs.some(({ state }) => state === 'done' || state === 'verified')) names.push(place.job.name)
  }
  if (names.length > 0) return names
  throw new LandfallError('usage', 'backfills/nothing-to-verify', 'no backfill has a finished run', {
    next: 'landfall backfill run NAME',
  })
}

/** The name typed, or `--yes`; nobody is asked where nobody can answer. */
async function confirm(context: CliContext, yes: boolean, name: string, why: string): Promise<void> {
  if (yes) return
  if (context.ask === null) {
    throw new LandfallError(
      'usage',
      'backfills/not-confirmed',
      `${why} It wants a confirmation, and there is no terminal to ask on`,
      { next: 'give --yes' },
    )
  }
  if ((await context.ask(`${why} Type ${name} to go on: `)).trim() !== name) {
    throw new LandfallError('usage', 'backfills/not-confirmed', 'the name was not typed: nothing was done')
  }
}

function print(context: CliContext, { json }: BackfillFlags, data: object, text: () => string): void {
  context.out(
    json
      ? `${JSON.stringify({ schema: 1, ...data }, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`
      : text(),
  )
}

const printRuns = (context: CliContext, flags: BackfillFlags, runs: readonly Run[]): void =>
  print(context, flags, { runs: runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)) }, () =>
    runsTable(runs),
  )
