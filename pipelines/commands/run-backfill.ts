import { planBackfill, type BackfillPlan } from '../../backfills/plan.ts'
import { planRollback, rollbackRun } from '../../backfills/rollback.ts'
import { runJob, type SharedRunOptions } from '../../backfills/partitions/run-partitioned.ts'
import type { Run } from '../../backfills/run-state.ts'
import { rejectsOf, statusOf } from '../../backfills/status.ts'
import { stopBackfill } from '../../backfills/stop.ts'
import { verifyRun } from '../../backfills/verify.ts'
import { differenceFinding, rejectedFinding } from '../../checks/backfill-findings.ts'
import { completeFinding } from '../../checks/complete-finding.ts'
import type { Finding, ReportedFinding } from '../../checks/finding.ts'
import { LandfallError } from '../../migrations/error.ts'
import { findRunOf, installLedger, isLocal, namedJobs, placeJobs, type PlacedJob } from '../backfill-run.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-code.ts'
import { loadConfig } from '../load-config.ts'
import { startProgress } from '../progress.ts'
import { runReports } from '../report/build.ts'
import { oneLine } from '../report/plain-text.ts'
import type { BackfillFlags, ConfirmedFlags, ResumeFlags, RollbackFlags, RunFlags } from './backfill.ts'
import {
  jsonText,
  listTable,
  planText,
  rejectLines,
  runsTable,
  verificationLines,
  type Listed,
} from './backfill-text.ts'
import { confirm } from './confirm.ts'
import { databaseUrlOf } from './flags.ts'
import { reported, type Outcome } from './reported.ts'
import { throttleOf } from './throttle-flags.ts'

export const list = command('list', async (context, flags) => {
  const backfills: Listed[] = []
  for (const { job, system, ...place } of await placed(context, flags)) {
    const [lastRun = null] = await statusOf(place, { system, name: job.name })
    backfills.push({
      name: job.name,
      system,
      into: oneOrAll(job.tables.map(({ table }) => table)),
      after: job.after,
      lastRun,
    })
  }
  return { exitCode: 0, text: flags.json ? jsonText({ backfills }) : listTable(backfills) }
})

export const plan = command('plan', (context, flags, ...names) => planJobs(context, flags, names))

export const run = command<RunFlags>('run', async (context, flags, ...names) => {
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
  const limited = maxRejects !== undefined || onRejectLimit !== undefined
  const limits = limited
    ? { limits: { maxRejects: maxRejects ?? 0, onRejectLimit: onRejectLimit ?? ('stop' as const) } }
    : {}
  const jobs = namedJobs(await placed(context, flags), names)
  return runJobs(context, flags, jobs, {
    mode: again ? 'again' : 'continue',
    throttle: throttleOf(flags),
    ...(flags.partitions !== undefined && { partitions: flags.partitions }),
    ...limits,
  })
})

export const resume = command<ResumeFlags>('resume', async (context, flags, name) => {
  const { place } = await findRunOf(await placed(context, flags), name)
  return runJobs(context, flags, [place], { mode: 'resume', throttle: throttleOf(flags) })
})

export const status = command('status', async (context, flags, ...names) => {
  const jobs = await placed(context, flags)
  const bySystem = new Map(jobs.map((place) => [place.system, place]))
  const runs: Run[] = []
  if (names.length > 0) for (const name of names) runs.push((await findRunOf(jobs, name)).run)
  else for (const [system, place] of bySystem) runs.push(...(await statusOf(place, { system })))
  return { exitCode: 0, ...shown(flags, jobs, runs) }
})

export const pause = command('pause', (context, flags, name) => stop(context, flags, name, 'paused'))
export const cancel = command('cancel', (context, flags, name) => stop(context, flags, name, 'cancelled'))

export const verify = command('verify', async (context, flags, ...names) => {
  const jobs = await placed(context, flags)
  const runs: Run[] = []
  const findings: Finding[] = []
  let failed = false
  for (const name of names.length > 0 ? names : await finishedJobs(jobs)) {
    const { place, run } = await findRunOf(jobs, name)
    const verification = await verifyRun({ ...place, run: run.id })
    runs.push(verification.run)
    failed ||= !verification.ok || verification.run.rejected > 0
    for (const line of verificationLines(verification)) context.say(line)
    findings.push(
      ...judged(
        place,
        verification.differences.map((difference) => differenceFinding(run.name, difference, sourceFile(place))),
      ),
    )
    findings.push(...(await rejectFindings(place, verification.run)))
  }
  return { exitCode: failed ? 1 : 0, ...shown(flags, jobs, runs, findings) }
})

export const rollback = command<RollbackFlags>('rollback', async (context, flags, name) => {
  const jobs = await placed(context, flags)
  const { place, run } = await findRunOf(jobs, name)
  const { url, schema, system } = place
  const { laterWrites } = flags
  const target = { url, schema, system, run: run.id }
  if (laterWrites !== 'refuse' || !isLocal(url)) {
    const { rows, batches, laterWrites: later } = await planRollback(target)
    context.say(
      `rolling back ${run.name} (${run.id}): ${rows} rows in ${batches} batches, ${later.length} of them written later`,
    )
    const why = laterWrites === 'refuse' ? ELSEWHERE : `--later-writes ${laterWrites} does not keep every later write.`
    await confirm(context, flags.yes, run.name, why)
  }
  const progress = startProgress(context)
  const onUndone = (undone: number, batches: number): void =>
    progress.update(`${run.name}: ${undone}/${batches} batches undone`)
  const outcome = await rollbackRun({ ...target, laterWrites, onUndone }).finally(() => progress.done())
  return { exitCode: 0, ...shown(flags, jobs, [outcome.run]) }
})

export const rejects = command('rejects list', async (context, flags, name) => {
  const { place, run } = await findRunOf(await placed(context, flags), name)
  const found = await rejectsOf(place, { system: place.system, name: run.id })
  return { exitCode: 0, text: flags.json ? jsonText({ rejects: found }) : rejectLines(found) }
})

// --- internal ---

const ELSEWHERE = 'This database is on another machine.'

type Work<F> = (context: CliContext, flags: F, ...names: string[]) => Promise<Outcome>

function command<F extends BackfillFlags = BackfillFlags>(
  verb: string,
  work: Work<F>,
): (this: CliContext, flags: F, ...names: string[]) => Promise<void> {
  return function (flags, ...names) {
    return reported(this, flags, ['backfill', verb, ...names].join(' '), () => work(this, flags, ...names))
  }
}

async function placed(context: CliContext, flags: BackfillFlags): Promise<PlacedJob[]> {
  const url = databaseUrlOf(flags, context.env)
  return placeJobs(await loadConfig(context.cwd, flags.config ?? null), flags.system ?? [], url)
}

async function planJobs(context: CliContext, flags: BackfillFlags, names: readonly string[]): Promise<Outcome> {
  const plans: BackfillPlan[] = []
  const findings: Finding[] = []
  for (const place of namedJobs(await placed(context, flags), names)) {
    const planned = await planBackfill(place)
    plans.push(planned)
    findings.push(
      ...judged(
        place,
        planned.rejects.map((reject) => rejectedFinding(planned.name, reject, sourceFile(place))),
      ),
    )
  }
  const exitCode = plans.some(({ rejected }) => rejected > 0) ? 1 : 0
  return { exitCode, text: flags.json ? jsonText({ plans }) : plans.map(planText).join('\n'), findings }
}

async function runJobs(
  context: CliContext,
  flags: ConfirmedFlags,
  jobs: readonly PlacedJob[],
  options: Pick<SharedRunOptions, 'mode' | 'limits' | 'throttle' | 'partitions'>,
): Promise<Outcome> {
  const { url } = jobs[0]!
  if (!isLocal(url)) await confirm(context, flags.yes, jobs[0]!.job.name, ELSEWHERE)
  await installLedger(url)
  const progress = startProgress(context)
  const runs: Run[] = []
  const findings: Finding[] = []
  let error: unknown
  try {
    for (const place of jobs) {
      const started = performance.now()
      const onProgress = ({ name, read, rejected, reason }: Run): void =>
        progress.update(
          `${name}: ${read} read, ${rejected} rejected, ${Math.round((read * 1000) / Math.max(1, performance.now() - started))} records/s${reason === null ? '' : `, ${oneLine(reason)}`}`,
        )
      const outcome = await runJob({ ...place, ...options, signal: context.signal, onProgress })
      runs.push(outcome.run)
      findings.push(...(await rejectFindings(place, outcome.run)))
      error = outcome.error ?? undefined
      if (error !== undefined) break // what comes after may need what is not there
    }
  } finally {
    progress.done()
  }
  const stopped = error === undefined ? 0 : exitCodeOf(error)
  const interrupted = context.signal.aborted ? exitCodeOf(context.signal.reason) : 0
  const rejected = runs.some((each) => each.rejected > 0) ? 1 : 0
  const outcome = { exitCode: worstOf([interrupted, stopped, rejected]), ...shown(flags, jobs, runs, findings) }
  return error === undefined ? outcome : { ...outcome, error }
}

async function stop(
  context: CliContext,
  flags: BackfillFlags,
  name: string,
  to: 'paused' | 'cancelled',
): Promise<Outcome> {
  const jobs = await placed(context, flags)
  const { place, run } = await findRunOf(jobs, name)
  return { exitCode: 0, ...shown(flags, jobs, [await stopBackfill(place, { system: place.system, name: run.id }, to)]) }
}

/** The jobs whose latest run is over. */
async function finishedJobs(jobs: readonly PlacedJob[]): Promise<string[]> {
  const names: string[] = []
  for (const place of jobs) {
    const runs = await statusOf(place, { system: place.system, name: place.job.name })
    if (runs.some(({ state }) => state === 'done' || state === 'verified')) names.push(place.job.name)
  }
  if (names.length > 0) return names
  throw new LandfallError('usage', 'backfills/nothing-to-verify', 'no backfill has a finished run', {
    next: 'landfall backfill run NAME',
  })
}

/** As the job says it: one table by its name, several as a list. */
const oneOrAll = (tables: readonly string[]): string | readonly string[] => (tables.length === 1 ? tables[0]! : tables)

/** What lines of records count in: the source's file, or the job's for a store. */
const sourceFile = ({ job, file }: PlacedJob): string => job.from.file ?? file

async function rejectFindings(place: PlacedJob, run: Run): Promise<Finding[]> {
  if (run.rejected === 0) return []
  const found = await rejectsOf(place, { system: place.system, name: run.id })
  return judged(
    place,
    found.map((reject) => rejectedFinding(run.name, reject, sourceFile(place))),
  )
}

const judged = ({ system }: PlacedJob, findings: readonly ReportedFinding[]): Finding[] =>
  findings
    .map((finding) => completeFinding(finding, { system, check: 'backfill', rules: {} }))
    .filter((finding) => finding !== null)

function shown(
  flags: BackfillFlags,
  jobs: readonly PlacedJob[],
  runs: readonly Run[],
  findings: readonly Finding[] = [],
): Omit<Outcome, 'exitCode'> {
  const newestFirst = runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
  const text = flags.json ? jsonText({ runs: newestFirst }) : runsTable(newestFirst)
  return { text, root: jobs[0]!.root, systems: runReports(runs), findings }
}
