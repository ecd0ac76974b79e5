import { planBackfill, type BackfillPlan } from '../../backfills/plan.ts'
import { parseRejectLimit } from '../../backfills/reject-limit.ts'
import { planRollback, rollbackRun } from '../../backfills/rollback.ts'
import { runJob, type SharedRunOptions } from '../../backfills/partitions/run-partitioned.ts'
import type { Run, RunLimits } from '../../backfills/run-state.ts'
import type { Finding } from '../../checks/finding.ts'
import { LandfallError } from '../../migrations/error.ts'
import { RunProgress } from '../backfill-progress.ts'
import { codeOf, findRunOf, installLedger, isLocal, namedJobs, type PlacedJob } from '../backfill-run.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-code.ts'
import { startProgress } from '../progress.ts'
import { duration } from '../report/phrases.ts'
import {
  command,
  confirmElsewhere,
  openRejects,
  operatorOf,
  placed,
  rejectFindings,
  shown,
} from './backfill-command.ts'
import type { BackfillFlags, PlanFlags, ResumeFlags, RollbackFlags, RunFlags } from './backfill-flags.ts'
import { jsonText, planText, rollbackPlanText } from './backfill-text.ts'
import { confirm } from './confirm.ts'
import { type Outcome } from './reported.ts'
import { throttleOf } from './throttle-flags.ts'

export const plan = command<PlanFlags>('plan', (context, flags, ...names) =>
  planJobs(context, flags, names, flags.sample ?? null),
)

export const run = command<RunFlags>('run', async (context, flags, ...names) => {
  if (flags.dryRun) return planJobs(context, flags, names, null)
  const jobs = namedJobs(await placed(context, flags), names)
  const { again, partitions } = flags
  return runJobs(context, flags, jobs, { mode: again ? 'again' : 'continue', ...(partitions && { partitions }) })
})

export const resume = command<ResumeFlags>('resume', async (context, flags, name) => {
  const { place } = await findRunOf(await placed(context, flags), name)
  return runJobs(context, flags, [place], { mode: 'resume' })
})

export const rollback = command<RollbackFlags>('rollback', async (context, flags, name) => {
  const jobs = await placed(context, flags)
  const { place, run } = await findRunOf(jobs, name)
  const { url, schema, system } = place
  const { laterWrites } = flags
  const target = { url, schema, system, run: run.id }
  if (flags.plan) {
    const planned = await planRollback(target)
    const exitCode = planned.laterWrites.length > 0 ? 5 : 0
    return { exitCode, text: flags.json ? jsonText({ plan: planned }) : rollbackPlanText(planned) }
  }
  // Nothing is lost by it on this machine; who sits at a terminal is asked all the same.
  if (laterWrites !== 'refuse' || !isLocal(url, context.env) || context.ask !== null) {
    const why =
      laterWrites === 'refuse'
        ? 'The rows of this run will go.'
        : `--later-writes ${laterWrites} does not keep every later write.`
    await confirm(context, flags.yes, run.name, why, async () => rollbackPlanText(await planRollback(target)))
  }
  const progress = startProgress(context)
  let done = `${run.name}: undoing`
  const onUndone = (undone: number, batches: number): void =>
    progress.update((done = `${run.name}: ${undone}/${batches} batches undone`))
  const onWait = (reason: string | null): void => progress.update(reason === null ? done : `${done}, ${reason}`)
  const { signal } = context
  const how = {
    laterWrites,
    onUndone,
    onWait,
    signal,
    throttle: throttleOf(flags),
    operator: operatorOf(context, flags),
  }
  const outcome = await rollbackRun({ ...target, ...how })
    .catch((error: unknown) => Promise.reject(signal.aborted && isStop(error) ? signalled(context, error) : error))
    .finally(() => progress.done())
  return { exitCode: 0, ...shown(flags, jobs, [outcome.run]) }
})

// --- internal ---

const isStop = (error: unknown): error is LandfallError => error instanceof LandfallError && error.kind === 'stopped'

/** Says how to go on; the signal has the exit code. */
function signalled(context: CliContext, { message, next }: LandfallError): unknown {
  context.say(next === null ? message : `${message}\nnext  ${next}`)
  return context.signal.reason
}

async function planJobs(
  context: CliContext,
  flags: BackfillFlags,
  names: readonly string[],
  sample: number | null,
): Promise<Outcome> {
  const plans: BackfillPlan[] = []
  const findings: Finding[] = []
  const jobs = namedJobs(await placed(context, flags), names)
  if (sample !== null) {
    if (!Number.isInteger(sample) || sample < 1)
      throw new LandfallError('usage', 'backfills/sample', `--sample ${sample} is not a number of records`, {
        next: 'give 1 or more',
      })
    await installLedger(jobs[0]!.url)
  }
  for (const place of jobs) {
    const planned = await planBackfill({ ...place, ...(sample === null ? {} : { sample }) })
    plans.push(planned)
    findings.push(...rejectFindings(place, planned, planned.rejects))
  }
  const exitCode = plans.some(({ rejected }) => rejected > 0) ? 1 : 0
  return { exitCode, text: flags.json ? jsonText({ plans }) : plans.map(planText).join('\n'), findings }
}

/** Null when nothing was said of it: a run that is resumed keeps its own. */
function limitsOf({ maxRejects, onRejectLimit }: ResumeFlags): RunLimits | null {
  if (maxRejects === undefined && onRejectLimit === undefined) return null
  return { maxRejects: parseRejectLimit(maxRejects ?? '0'), onRejectLimit: onRejectLimit ?? 'stop' }
}

async function runJobs(
  context: CliContext,
  flags: ResumeFlags,
  jobs: readonly PlacedJob[],
  how: Pick<SharedRunOptions, 'mode' | 'partitions'>,
): Promise<Outcome> {
  const { url } = jobs[0]!
  const limits = limitsOf(flags)
  await confirmElsewhere(context, flags, jobs[0]!, jobs[0]!.job.name, async () => {
    const plans: string[] = []
    for (const place of jobs) plans.push(planText(await planBackfill(place)))
    return plans.join('\n')
  })
  await installLedger(url)
  const { signal, urgent } = context
  const onSignal = (): void => progress.line('the batch at hand is finished; Ctrl-C again cancels it')
  const options = {
    ...how,
    ...(limits && { limits }),
    throttle: throttleOf(flags),
    operator: operatorOf(context, flags),
    signal: flags.timeBudget === undefined ? signal : AbortSignal.any([signal, budget(flags.timeBudget)]),
    urgent,
  }
  using progress = new RunProgress(context)
  signal.addEventListener('abort', onSignal)
  const runs: Run[] = []
  const findings: Finding[] = []
  let error: unknown
  try {
    for (const place of jobs) {
      const onProgress = (now: Run, share?: number | null): void => progress.update(now, share)
      const outcome = await runJob({ ...place, ...options, code: await codeOf(place), onProgress })
      runs.push(outcome.run)
      findings.push(...(await openRejects(place, outcome.run)))
      error = outcome.error ?? undefined
      if (error !== undefined) break // what comes after may need what is not there
    }
  } finally {
    signal.removeEventListener('abort', onSignal)
  }
  const stopped = error === undefined ? 0 : exitCodeOf(error)
  const interrupted = signal.aborted ? exitCodeOf(signal.reason) : 0
  const rejected = findings.length > 0 ? 1 : 0
  const outcome = { exitCode: worstOf([interrupted, stopped, rejected]), ...shown(flags, jobs, runs, findings) }
  return error === undefined ? outcome : { ...outcome, error }
}

function budget(ms: number): AbortSignal {
  const controller = new AbortController()
  const spent = new LandfallError('stopped', 'backfills/time-budget', `the time budget of ${duration(ms)} is used up`)
  setTimeout(() => controller.abort(spent), ms).unref()
  return controller.signal
}
