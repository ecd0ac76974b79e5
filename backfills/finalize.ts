import type { Sql } from 'postgres'
import { installLandfall } from '../migrations/install.ts'
import { LandfallError } from '../migrations/error.ts'
import { transaction } from '../migrations/transaction.ts'
import { NOBODY, recordEvent, type Operator } from './audit.ts'
import { connectOnce, reaching, type Place } from './database.ts'
import { listRuns, requireRun, type RunFilter, type StoredRun } from './ledger.ts'
import { alreadyRunning, lockName } from './lock.ts'
import { isUnfinished, type Run } from './run-state.ts'

export interface FinalizeOptions {
  /** Only asserts; nothing is dropped. */
  readonly check?: boolean
  readonly operator?: Operator
}

/**
 * Asserts that a run is done and verified, with no reject open, and gives its journal up: it stays in the history, and
 * cannot be undone any more. Once more changes nothing.
 * @throws {LandfallError} `findings`: not verified, rejects open · `stopped`: not finished · `usage`: no such run, or an
 *   older one of the same tables has its journal still · `environment`
 */
export const finalizeRun = (
  place: Place,
  filter: Required<RunFilter>,
  { check = false, operator = NOBODY }: FinalizeOptions = {},
): Promise<Run> =>
  reaching(async () => {
    await using sql = connectOnce(place)
    const stored = await requireRun(sql, filter)
    await installLandfall(sql)
    await assertFinal(sql, stored)
    const { run, finalizedAt } = stored
    if (check || finalizedAt !== null) return run
    await assertOldest(sql, stored)
    const [lock] = await sql`select pg_try_advisory_lock(hashtextextended(${lockName(run.system, run.name)}, 0)) as ok`
    if (lock?.['ok'] !== true) throw alreadyRunning(run.name)
    await transaction(sql, async (tx) => {
      const { count } = await tx`
        update landfall.backfill_run set finalized_at = clock_timestamp() where id = ${run.id} and state = 'verified' and finalized_at is null`
      if (count === 0) throw notVerified(run)
      const { count: batches } = await tx`delete from landfall.backfill_batch where run_id = ${run.id}`
      await recordEvent(tx, run.id, 'finalized', { batches }, operator)
    })
    const [now] = await listRuns(sql, { name: run.id })
    return now!.run
  })

/** What a rollback, a retry and a verification say of a run that is finalized. */
export const finalized = ({ id, name }: Run, at: string, kind: 'usage' | 'refused'): LandfallError =>
  new LandfallError(kind, 'backfills/finalized', `run ${id} of ${name} was finalized at ${at}: its journal is gone`, {
    next: `landfall backfill history ${name} has what was on record; a restored backup, or a new run, is what is left`,
  })

async function assertFinal(sql: Sql, { run }: StoredRun): Promise<void> {
  const { id, name, state } = run
  if (state === 'rolled-back')
    throw new LandfallError('usage', 'backfills/rolled-back', `run ${id} of ${name} is rolled back`, {
      next: `landfall backfill run ${name}`,
    })
  if (isUnfinished(state))
    throw new LandfallError('stopped', 'backfills/not-finished', `backfill ${name} is ${state}`, {
      next: run.next ?? `landfall backfill status ${name}`,
    })
  const [rejects] = await sql<{ open: number }[]>`
    select count(*)::float8 as open from landfall.backfill_reject where run_id = ${id} and settled is null`
  const { open } = rejects!
  if (open > 0)
    throw new LandfallError(
      'findings',
      'backfills/rejects-open',
      `backfill ${name} has ${open} rejects that nobody settled`,
      {
        next: `landfall backfill rejects list ${name}; then retry or discard them`,
        fields: { open },
      },
    )
  if (state !== 'verified') throw notVerified(run)
}

const notVerified = ({ name, state, reason }: Run): LandfallError =>
  new LandfallError(
    'findings',
    'backfills/not-verified',
    `backfill ${name} is ${state}, and not verified${reason === null ? '' : `: ${reason}`}`,
    { next: `landfall backfill verify ${name}` },
  )

/** The rollback of an older run looks for what later runs wrote in their journals. */
async function assertOldest(sql: Sql, { run, targets }: StoredRun): Promise<void> {
  const names = new Set(targets.map(({ schema, table }) => `${schema}.${table}`))
  const runs = await listRuns(sql)
  const older = runs.findLast(
    (other) =>
      other.run.id !== run.id &&
      other.run.startedAt < run.startedAt &&
      other.run.state !== 'rolled-back' &&
      other.finalizedAt === null &&
      other.targets.some(({ schema, table }) => names.has(`${schema}.${table}`)),
  )
  if (older === undefined) return
  throw new LandfallError(
    'usage',
    'backfills/not-the-oldest',
    `run ${older.run.id} of ${older.run.name} wrote into the same tables before, and could not be undone exactly any more`,
    { next: `landfall backfill finalize ${older.run.id}, or roll it back` },
  )
}
