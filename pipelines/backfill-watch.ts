import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../backfills/database.ts'
import { liveRuns, type LiveRun } from '../backfills/status.ts'
import { progressText } from './backfill-progress.ts'
import { findRunOf, type PlacedJob } from './backfill-run.ts'
import type { CliContext } from './context.ts'
import { Pace } from './pace.ts'
import { startProgress } from './progress.ts'

const INTERVAL_MS = 500

/**
 * Looks at runs until none of them is under way, or the signal comes: a line for each, rewritten on a terminal, every
 * ten seconds elsewhere; with `json` a line of JSON on standard output whenever something changed.
 */
export async function watchRuns(
  context: CliContext,
  jobs: readonly PlacedJob[],
  names: readonly string[],
  json: boolean,
): Promise<void> {
  const wanted = new Set<string>()
  for (const name of names) wanted.add((await findRunOf(jobs, name)).run.id)
  await using sql = connect(jobs[0]!)
  const systems = new Set(jobs.map(({ system }) => system))
  const paces = new Map<string, Pace>()
  const progress = startProgress(context)
  let said = ''
  try {
    while (!context.signal.aborted) {
      const live = (await liveRuns(sql)).filter(({ run }) =>
        wanted.size > 0 ? wanted.has(run.id) : systems.has(run.system) && isLive(run),
      )
      const text = json
        ? `${JSON.stringify({ schema: 1, runs: live.map(({ run, share }) => ({ ...run, share })) })}\n`
        : ''
      if (json && text !== said) context.out((said = text))
      if (!json) progress.update(live.map((one) => lineOf(one, paces)).join('\n'))
      if (!live.some(({ run }) => isLive(run))) return
      await sleep(INTERVAL_MS, undefined, { signal: context.signal }).catch(() => {})
    }
  } finally {
    progress.done()
  }
}

const isLive = ({ state }: LiveRun['run']): boolean => state === 'running' || state === 'rolling-back'

function lineOf({ run, share }: LiveRun, paces: Map<string, Pace>): string {
  const pace = paces.get(run.id) ?? new Pace()
  paces.set(run.id, pace)
  pace.observe(run.read)
  return progressText(run, share, pace)
}
