import { connect, reaching, type Place } from './database.ts'
import { listRuns, requireRun, type RunFilter } from './ledger.ts'
import { listRejects, type RejectFilter } from './rejects.ts'
import type { Run, StoredReject } from './run-state.ts'

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
