import { finalizeRun } from '../../backfills/finalize.ts'
import type { Run } from '../../backfills/run-state.ts'
import { statusOf } from '../../backfills/status.ts'
import { verifyRun } from '../../backfills/verify.ts'
import { differenceFinding } from '../../checks/backfill-findings.ts'
import type { Finding } from '../../checks/finding.ts'
import { LandfallError } from '../../migrations/error.ts'
import { findRunOf, type PlacedJob } from '../backfill-run.ts'
import { exitCodeOf, worstOf } from '../exit-code.ts'
import {
  command,
  confirmElsewhere,
  judged,
  openRejects,
  operatorOf,
  placed,
  shown,
  sourceFile,
} from './backfill-command.ts'
import type { FinalizeFlags } from './backfill-flags.ts'
import { verificationLines } from './backfill-text.ts'
import { sayError } from './errors.ts'

export const verify = command('verify', async (context, flags, ...names) => {
  const jobs = await placed(context, flags)
  const runs: Run[] = []
  const findings: Finding[] = []
  let failed = false
  for (const name of names.length > 0 ? names : await finishedJobs(jobs)) {
    const { place, run } = await findRunOf(jobs, name)
    const verification = await verifyRun({ ...place, run: run.id, operator: operatorOf(context, {}) })
    const open = await openRejects(place, verification.run)
    runs.push(verification.run)
    failed ||= !verification.ok || open.length > 0
    for (const line of verificationLines(verification)) context.say(line)
    findings.push(
      ...judged(
        place,
        verification.differences.map((difference) => differenceFinding(run.name, difference, sourceFile(place))),
      ),
      ...open,
    )
  }
  return { exitCode: failed ? 1 : 0, ...shown(flags, jobs, runs, findings) }
})

/** Every run is looked at; what is wrong with each is said. */
export const finalize = command<FinalizeFlags>('finalize', async (context, flags, ...names) => {
  const jobs = await placed(context, flags)
  const runs: Run[] = []
  const codes: number[] = []
  const found: { readonly place: PlacedJob; readonly run: Run }[] = []
  for (const name of names.length > 0 ? names : jobs.map(({ job }) => job.name)) found.push(await findRunOf(jobs, name))
  const { check } = flags
  if (!check)
    await confirmElsewhere(context, flags, found[0]!.place, found[0]!.run.name, async () =>
      found.map(({ run }) => `${run.name} (${run.id}): the journal goes, it cannot be undone any more`).join('\n'),
    )
  for (const { place, run } of found.toSorted((a, b) => a.run.startedAt.localeCompare(b.run.startedAt)))
    try {
      const filter = { system: place.system, name: run.id }
      runs.push(await finalizeRun(place, filter, { check, operator: operatorOf(context, flags) }))
      context.say(`${run.name}: done, verified, no open rejects${check ? '' : '; finalized'}`)
    } catch (error) {
      if (!(error instanceof LandfallError)) throw error
      sayError(context, error)
      codes.push(exitCodeOf(error))
      runs.push(run)
    }
  return { exitCode: worstOf(codes), ...shown(flags, jobs, runs) }
})

// --- internal ---

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
