import { historyOf, type RunRecord } from '../../backfills/history.ts'
import type { Run } from '../../backfills/run-state.ts'
import { statusOf } from '../../backfills/status.ts'
import { stopBackfill } from '../../backfills/stop.ts'
import { findRunOf, type PlacedJob } from '../backfill-run.ts'
import { watchRuns } from '../backfill-watch.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf } from '../exit-code.ts'
import { command, operatorOf, placed, shown } from './backfill-command.ts'
import type { BackfillFlags, OperatorFlags, StatusFlags } from './backfill-flags.ts'
import { historyText, jsonText, listTable, type Listed } from './backfill-text.ts'
import type { Outcome } from './reported.ts'

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

export const status = command<StatusFlags>('status', async (context, flags, ...names) => {
  const jobs = await placed(context, flags)
  if (flags.watch) {
    await watchRuns(context, jobs, names, flags.json)
    if (context.signal.aborted) return { exitCode: exitCodeOf(context.signal.reason), text: '' }
    if (flags.json) return { exitCode: 0, text: '' }
  }
  const runs: Run[] = []
  for (const [place, filter] of await filtersOf(jobs, names)) runs.push(...(await statusOf(place, filter)))
  return { exitCode: 0, ...shown(flags, jobs, runs) }
})

export const history = command('history', async (context, flags, ...names) => {
  const jobs = await placed(context, flags)
  const runs: RunRecord[] = []
  const known = new Set(jobs.map(({ job }) => job.name))
  for (const name of names)
    if (known.has(name))
      for (const place of jobs.filter(({ job }) => job.name === name))
        runs.push(...(await historyOf(place, { system: place.system, name })))
    else {
      const { place, run } = await findRunOf(jobs, name)
      runs.push(...(await historyOf(place, { system: place.system, name: run.id })))
    }
  if (names.length === 0)
    for (const [place, filter] of await filtersOf(jobs, [])) runs.push(...(await historyOf(place, filter)))
  return { exitCode: 0, text: flags.json ? jsonText({ runs }) : historyText(runs) }
})

export const pause = command<StopFlags>('pause', (context, flags, name) => stop(context, flags, name, 'paused'))
export const cancel = command<StopFlags>('cancel', (context, flags, name) => stop(context, flags, name, 'cancelled'))

// --- internal ---

type StopFlags = BackfillFlags & OperatorFlags

async function stop(context: CliContext, flags: StopFlags, name: string, to: 'paused' | 'cancelled'): Promise<Outcome> {
  const jobs = await placed(context, flags)
  const { place, run } = await findRunOf(jobs, name)
  const filter = { system: place.system, name: run.id }
  const stopped = await stopBackfill(place, filter, to, operatorOf(context, flags))
  return { exitCode: 0, ...shown(flags, jobs, [stopped]) }
}

type Filtered = readonly [PlacedJob, { readonly system: string; readonly name?: string }]

/** What was named, or all runs of the systems. */
async function filtersOf(jobs: readonly PlacedJob[], names: readonly string[]): Promise<Filtered[]> {
  if (names.length === 0)
    return [...new Map(jobs.map((place) => [place.system, place]))].map(([system, place]) => [place, { system }])
  const filters: Filtered[] = []
  for (const name of names) {
    const { place, run } = await findRunOf(jobs, name)
    filters.push([place, { system: place.system, name: run.id }])
  }
  return filters
}

/** As the job says it: one table by its name, several as a list. */
const oneOrAll = (tables: readonly string[]): string | readonly string[] => (tables.length === 1 ? tables[0]! : tables)
