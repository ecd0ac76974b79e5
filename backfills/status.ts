import type { Sql } from 'postgres'
import { connect, reaching, type Place } from './database.ts'
import { listRuns, requireRun, type RunFilter } from './ledger.ts'
import { listRejects, readRejects, shown, type RejectFilter } from './rejects.ts'
import type { Run, StoredReject } from './run-state.ts'
import { shareOf } from './share.ts'

/** Runs, newest first: all, those of a system, those of a job, or the one of an id. Writes nothing. */
export const statusOf = (place: Place, filter: RunFilter = {}): Promise<Run[]> =>
  reaching(async () => {
    await using sql = connect(place)
    return (await listRuns(sql, filter)).map(({ run }) => run)
  })

/**
 * The rejects of a run that are open, or all, in the order of the source.
 * @throws {LandfallError} `usage` when there is no such run
 */
export const rejectsOf = (
  place: Place,
  filter: Required<RunFilter>,
  which: RejectFilter = {},
): Promise<StoredReject[]> =>
  reaching(async () => {
    await using sql = connect(place)
    return await listRejects(sql, (await requireRun(sql, filter)).run.id, which) // before the connection goes
  })

/** The same, some at a time, for as many as there are. */
export async function* exportRejectsOf(
  place: Place,
  filter: Required<RunFilter>,
  which: RejectFilter = {},
): AsyncGenerator<StoredReject[]> {
  await using sql = connect(place)
  const { run } = await requireRun(sql, filter)
  for await (const portion of readRejects(sql, run.id, which)) yield portion.map(shown)
}

/** A run, and how much of its source is read, from 0 to 1, where that is known. */
export interface LiveRun {
  readonly run: Run
  readonly share: number | null
}

/** Runs as they are now, newest first, over a connection that is kept. */
export const liveRuns = async (sql: Sql, filter: RunFilter = {}): Promise<LiveRun[]> =>
  (await listRuns(sql, filter)).map(({ run, source, cursor }) => ({ run, share: shareOf(source, cursor) }))
