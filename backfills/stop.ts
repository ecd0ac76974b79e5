import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { installLandfall } from '../migrations/install.ts'
import { LandfallError } from '../migrations/error.ts'
import { NOBODY, type Operator } from './audit.ts'
import { connect, reaching, type Place } from './database.ts'
import { requireRun, stopRun, type RunFilter } from './ledger.ts'
import type { Run } from './run-state.ts'

/** As long as a batch may take to be committed; then it is cancelled, and what would be left of it is cut off. */
const [PATIENCE_MS, PAUSE_MS, CANCELS] = [500, 100, 3]

/**
 * Pauses or cancels a run from another process, within a second: a batch that is under way is waited for, unless it
 * waits itself, for a lock perhaps; what is cancelled is done again on resume.
 * @throws {LandfallError} `usage` when there is nothing to stop
 */
export const stopBackfill = (
  place: Place,
  filter: Required<RunFilter>,
  to: 'paused' | 'cancelled',
  operator: Operator = NOBODY,
): Promise<Run> =>
  reaching(async () => {
    await using sql = connect(place)
    const { run } = await requireRun(sql, filter)
    await installLandfall(sql)
    const [own] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
    const through = new AbortController()
    const clearing = clearTheWay(place, own!.pid, through.signal)
    const stopped = await stopRun(sql, run.id, to, operator).finally(() => through.abort())
    await clearing
    if (!stopped)
      throw new LandfallError(
        'usage',
        'backfills/not-running',
        `backfill ${run.name} is ${run.state}: there is nothing to stop`,
        { next: `landfall backfill status ${run.name}` },
      )
    return (await requireRun(sql, { ...filter, name: run.id })).run
  })

/** A batch holds the row of its run until it is committed: ends what the session `pid` waits for. */
async function clearTheWay(place: Place, pid: number, through: AbortSignal): Promise<void> {
  if (await waited(PATIENCE_MS, through)) return
  await using sql = connect(place)
  for (let tries = 0; !through.aborted; tries += 1) {
    await endBlockers(sql, pid, tries < CANCELS ? 'pg_cancel_backend' : 'pg_terminate_backend').catch(() => {})
    await waited(PAUSE_MS, through)
  }
}

const endBlockers = (sql: Sql, pid: number, end: 'pg_cancel_backend' | 'pg_terminate_backend') =>
  sql`select ${sql(end)}(blocker) from unnest(pg_blocking_pids(${pid})) blocker`

/** Answers whether it was cut short. */
const waited = (ms: number, signal: AbortSignal): Promise<boolean> => sleep(ms, false, { signal }).catch(() => true)
