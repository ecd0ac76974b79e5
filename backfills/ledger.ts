import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Sql } from 'postgres'
import { toolVersion } from '../migrations/version.ts'
import { LandfallError } from '../migrations/error.ts'
import { NOBODY, recordEvent, type Code, type Operator } from './audit.ts'
import { batchesLock } from './lock.ts'
import { nextStep, type Run, type RunLimits, type RunState } from './run-state.ts'
import type { Cursor, SourceIdentity } from './sources/source.ts'

/** A table of a run: what later commands must know of it. */
export interface RunTarget {
  readonly schema: string
  readonly table: string
  readonly key: readonly string[]
  /** No row was in it when the run began: every row needs a record that explains it. */
  readonly emptyBefore: boolean
}

/** A run with what only the engine needs. */
export interface StoredRun {
  readonly run: Run
  readonly epoch: number
  readonly nextSeq: number
  readonly specHash: string
  readonly cursor: Cursor | null
  readonly source: SourceIdentity
  readonly targets: readonly RunTarget[]
  readonly limits: RunLimits
  /** Of a run that several workers share; 0: it is one process's. */
  readonly partitions: number
  /** Since then its journal is gone; ISO 8601, or null. */
  readonly finalizedAt: string | null
}

interface Row {
  id: string
  name: string
  system: string
  state: RunState
  reason: string | null
  epoch: number
  next_seq: number
  spec_hash: string
  cursor: Cursor | null
  source: SourceIdentity
  targets: RunTarget[]
  options: RunLimits
  waits?: Run['waits']
  parts: number
  read: string
  written: string
  existing: string
  rejected: string
  started_at: Date
  finished_at: Date | null
  finalized_at: Date | null
  duration_ms: number
  open: string
}

export interface RunFilter {
  readonly system?: string
  /** The name of a job, or the id of a run. */
  readonly name?: string
}

/** Runs, newest first. A database without a ledger has none. */
export async function listRuns(sql: Sql, { system, name }: RunFilter = {}): Promise<StoredRun[]> {
  const [ledger] = await sql<{ run: string | null; settling: string | null; partitions: string | null }[]>`
    select to_regclass('landfall.backfill_run') as run, to_regclass('landfall.backfill_reject_open') as settling,
      to_regclass('landfall.backfill_partition') as partitions`
  if (ledger!.run === null) return []
  const parts =
    ledger!.partitions === null
      ? sql`(select 0 as parts, 0 as read, 0 as written, 0 as existing, 0 as rejected)`
      : sql`(select count(*)::int as parts, sum(read) as read, sum(written) as written, sum(existing) as existing, sum(rejected) as rejected
             from landfall.backfill_partition where run_id = r.id)`
  const open = ledger!.settling === null ? sql`` : sql`and settled is null` // a ledger of the first days
  const rows = await sql<Row[]>`
    select r.*, p.parts, r.read + coalesce(p.read, 0) as read, r.written + coalesce(p.written, 0) as written,
      r.existing + coalesce(p.existing, 0) as existing, r.rejected + coalesce(p.rejected, 0) as rejected, extract(epoch from coalesce(finished_at, case state when 'running' then clock_timestamp() else heartbeat_at end) - started_at)::float8
      * 1000 as duration_ms,
      (select count(*) from landfall.backfill_reject where run_id = r.id ${open}) as open
    from landfall.backfill_run r cross join lateral ${parts} p
    where (${system ?? null}::text is null or system = ${system ?? null}) and (${name ?? null}::text is null or ${name ?? null} in (name, id::text))
    order by started_at desc, id desc`
  return rows.map(storedRun)
}

/** An exact run, or the latest of a job that is not rolled back; null when there is none. */
export async function findRun(sql: Sql, filter: Required<RunFilter>): Promise<StoredRun | null> {
  const runs = await listRuns(sql, filter)
  return runs.find(({ run }) => run.id === filter.name || run.state !== 'rolled-back') ?? null
}

/**
 * The same, where there must be one.
 * @throws {LandfallError} `usage`
 */
export async function requireRun(sql: Sql, filter: Required<RunFilter>): Promise<StoredRun> {
  const found = await findRun(sql, filter)
  if (found !== null) return found
  throw new LandfallError('usage', 'backfills/no-run', `there is no run of ${filter.name} that is not rolled back`, {
    next: `landfall backfill run ${filter.name}; landfall backfill status lists all runs`,
    fields: { ...filter },
  })
}

export interface NewRun {
  readonly system: string
  readonly name: string
  readonly specHash: string
  readonly source: SourceIdentity
  readonly targets: readonly RunTarget[]
  readonly limits: RunLimits
  readonly operator: Operator
  /** Null where the job came from no file. */
  readonly code: Code | null
}

/** Records a run that begins, with the event. */
export async function startRun(sql: Sql, run: NewRun): Promise<string> {
  const id = randomUUID()
  await sql`
    insert into landfall.backfill_run
      (id, system, name, state, owner, spec_hash, source, targets, options, tool_version, actor, why, code_hash, code_commit)
    values (${id}, ${run.system}, ${run.name}, 'running', ${owner()}, ${run.specHash}, ${asJson(sql, run.source)}, ${asJson(sql, run.targets)},
      ${asJson(sql, run.limits)}, ${toolVersion}, coalesce(${run.operator.actor}, session_user), ${run.operator.why},
      ${run.code?.hash ?? null}, ${run.code?.commit ?? null})`
  await recordEvent(sql, id, 'started', { source: run.source.hash }, run.operator)
  return id
}

/** Takes a run over from whoever had it: a new epoch, which the old owner's next batch trips over. */
export async function takeOver(
  sql: Sql,
  id: string,
  state: RunState,
  limits: RunLimits | null,
  operator: Operator = NOBODY,
): Promise<void> {
  await sql`
    with quiet as materialized (select pg_advisory_xact_lock(hashtextextended(${batchesLock(id)}, 0))::text)
    update landfall.backfill_run set epoch = epoch + 1, state = ${state}, reason = null, owner = ${owner()}, finished_at = null,
      heartbeat_at = clock_timestamp(), options = coalesce(${limits === null ? null : asJson(sql, limits)}::jsonb, options)
    from quiet where id = ${id}`
  await recordEvent(sql, id, state === 'running' ? 'resumed' : state, {}, operator)
}

/** The same for work that leaves the run in its state; answers the epoch. */
export async function claim(sql: Sql, id: string): Promise<number> {
  const [row] = await sql<{ epoch: number }[]>`
    update landfall.backfill_run set epoch = epoch + 1, owner = ${owner()}, heartbeat_at = clock_timestamp() where id = ${id} returning epoch`
  return row!.epoch
}

const FINISHED: ReadonlySet<RunState> = new Set(['done', 'verified', 'rolled-back'])

/** Changes the state of a run, where it is still in one of the states `from`; answers whether it was. */
export async function changeState(
  sql: Sql,
  id: string,
  from: readonly RunState[],
  to: RunState,
  reason: string | null = null,
  operator: Operator = NOBODY,
): Promise<boolean> {
  const { count } = await sql`
    with quiet as materialized (select pg_advisory_xact_lock(hashtextextended(${batchesLock(id)}, 0))::text)
    update landfall.backfill_run set state = ${to}, reason = ${reason}, heartbeat_at = clock_timestamp(),
      finished_at = ${FINISHED.has(to) ? sql`coalesce(finished_at, clock_timestamp())` : sql`null`}
    from quiet where id = ${id} and state = any(${from as string[]})`
  if (count > 0) await recordEvent(sql, id, to, reason === null ? {} : { reason }, operator)
  return count > 0
}

/**
 * Adds to what a run has waited, in milliseconds by reason, and says why it waits now; answers whether it is still this
 * owner's to go on with.
 */
export async function recordWaits(
  sql: Sql,
  { id, epoch }: { readonly id: string; readonly epoch: number },
  reason: string | null,
  waits: Run['waits'],
): Promise<boolean> {
  const { count } = await sql`
    update landfall.backfill_run set reason = ${reason}, heartbeat_at = clock_timestamp(), waits = coalesce((
      select jsonb_object_agg(key, ms) from (
        select key, round(sum(value::numeric)) as ms
        from (select * from jsonb_each_text(waits) union all select * from jsonb_each_text(${asJson(sql, waits)}::jsonb)) each group by key
      ) added), '{}')
    where id = ${id} and epoch = ${epoch} and state in ('running', 'rolling-back')`
  return count > 0
}

/** Stops a run before its next batch, from any terminal; answers whether there was anything to stop. */
export const stopRun = (
  sql: Sql,
  id: string,
  to: 'paused' | 'cancelled',
  operator: Operator = NOBODY,
): Promise<boolean> =>
  changeState(
    sql,
    id,
    to === 'cancelled' ? ['running', 'paused', 'failed'] : ['running'],
    to,
    `${to} by the operator${operator.why === null ? '' : `: ${operator.why}`}`,
    operator,
  )

const asJson = (sql: Sql, value: object) => sql.json(value as never)

/** This process, for people. */
export const owner = (): string => `${hostname()}:${process.pid}`

function storedRun(row: Row): StoredRun {
  const rejected = Number(row.rejected)
  return {
    run: {
      id: row.id,
      name: row.name,
      system: row.system,
      state: row.state,
      read: Number(row.read),
      written: Number(row.written),
      existing: Number(row.existing),
      rejected,
      startedAt: row.started_at.toISOString(),
      finishedAt: row.finished_at?.toISOString() ?? null,
      durationMs: Math.round(row.duration_ms),
      reason: row.reason,
      waits: row.waits ?? {},
      next: nextStep(row.state, row.name, Number(row.open)),
    },
    epoch: row.epoch,
    nextSeq: row.next_seq,
    specHash: row.spec_hash,
    cursor: row.cursor,
    source: row.source,
    targets: row.targets,
    limits: row.options,
    partitions: row.parts,
    finalizedAt: row.finalized_at?.toISOString() ?? null,
  }
}
