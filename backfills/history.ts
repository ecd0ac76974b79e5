import type { Sql } from 'postgres'
import { installLandfall } from '../migrations/install.ts'
import type { Code } from './audit.ts'
import { connect, reaching, type Place } from './database.ts'
import type { WrittenFingerprint } from './fingerprint.ts'
import { listRuns, type RunFilter } from './ledger.ts'
import type { Run, RunLimits } from './run-state.ts'
import type { SourceIdentity } from './sources/source.ts'

/** A run with all that is on record of it, as `backfill history --json` says it. */
export interface RunRecord extends Run {
  readonly actor: string
  /** What the operator gave as the reason. */
  readonly why: string | null
  /** Null for a job that came from no file. */
  readonly code: Code | null
  /** Of what decides which rows a record becomes. */
  readonly specHash: string
  readonly source: SourceIdentity
  readonly limits: RunLimits
  /** Null until the run is done. */
  readonly fingerprints: readonly WrittenFingerprint[] | null
  readonly rejects: { readonly open: number; readonly carried: number; readonly discarded: number }
  readonly finalizedAt: string | null
  readonly toolVersion: string
  readonly serverVersion: string
  readonly events: readonly RunEvent[]
}

/** Something that happened to a run; rows are only ever added. */
export interface RunEvent {
  /** ISO 8601, UTC. */
  readonly at: string
  /** `started`, `resumed`, a state, `verification`, `sequence`, `undone`, `rejects-retried`, `rejects-discarded`, `finalized`. */
  readonly kind: string
  readonly actor: string
  readonly why: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** Everything that is on record of some runs, newest first. */
export const historyOf = (place: Place, filter: RunFilter = {}): Promise<RunRecord[]> =>
  reaching(async () => {
    await using sql = connect(place)
    const runs = await listRuns(sql, filter)
    if (runs.length > 0) await installLandfall(sql)
    const records: RunRecord[] = []
    for (const { run, specHash, source, limits, finalizedAt } of runs)
      records.push({
        ...run,
        ...(await audited(sql, run.id)),
        specHash,
        source,
        limits,
        finalizedAt,
        events: await listEvents(sql, run.id),
      })
    return records
  })

type Audited = Pick<RunRecord, 'actor' | 'why' | 'code' | 'fingerprints' | 'rejects' | 'toolVersion' | 'serverVersion'>

async function audited(sql: Sql, id: string): Promise<Audited> {
  const [row] = await sql<
    (Omit<Audited, 'code' | 'rejects'> & { hash: string | null; commit: string | null } & RunRecord['rejects'])[]
  >`
    select actor, why, fingerprints, code_hash as hash, code_commit as commit, tool_version as "toolVersion", server_version as "serverVersion",
      (select count(*) from landfall.backfill_reject where run_id = run.id and settled is null)::float8 as open,
      (select count(*) from landfall.backfill_reject where run_id = run.id and settled = 'carried')::float8 as carried,
      (select count(*) from landfall.backfill_reject where run_id = run.id and settled = 'discarded')::float8 as discarded
    from landfall.backfill_run run where id = ${id}`
  const { hash, commit, open, carried, discarded, ...rest } = row!
  return { ...rest, code: hash === null ? null : { hash, commit }, rejects: { open, carried, discarded } }
}

/** The events of a run, oldest first. */
async function listEvents(sql: Sql, runId: string): Promise<RunEvent[]> {
  const rows = await sql<(Omit<RunEvent, 'at'> & { at: Date })[]>`
    select at, kind, actor, why, data from landfall.backfill_event where run_id = ${runId} order by id`
  return rows.map(({ at, kind, actor, why, data }) => ({ at: at.toISOString(), kind, actor, why, data }))
}
