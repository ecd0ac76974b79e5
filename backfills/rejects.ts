import type { Sql } from 'postgres'
import { installLandfall } from '../migrations/install.ts'
import { LandfallError } from '../migrations/error.ts'
import { transaction } from '../migrations/transaction.ts'
import { NOBODY, recordEvent, type Operator } from './audit.ts'
import { connectOnce, reaching, type Place } from './database.ts'
import { listRuns, requireRun, type RunFilter } from './ledger.ts'
import type { Run, Settlement, StoredReject } from './run-state.ts'

export interface RejectFilter {
  /** Also those that were carried over since, or discarded. Default: only what is open. */
  readonly settled?: boolean
  readonly ids?: readonly number[] | null
}

/** A reject, with what it takes to try it again. */
export interface FullReject extends StoredReject {
  /** Of a row of a table: the texts of its primary key. */
  readonly keys: readonly string[] | null
  /** As an operator mended it. */
  readonly mended: string | null
}

interface Row extends Omit<FullReject, 'position' | 'settled'> {
  record: string
  line: string | null
  offset: string | null
  as: Settlement['as'] | null
  at: Date
  by: string
  why: string | null
}

const PORTION = 500

/** The rejects of a run in the order of the source, some at a time. Each portion is a statement of its own. */
export async function* readRejects(
  sql: Sql,
  runId: string,
  { settled = false, ids = null }: RejectFilter = {},
): AsyncGenerator<FullReject[]> {
  for (let behind = 0; ;) {
    const rows = await sql<Row[]>`
      select id::float8, run_id::text as run, record, line, byte_offset as offset, stage, code, reason, raw, keys, mended,
        settled as as, settled_at as at, settled_by as by, settled_why as why
      from landfall.backfill_reject
      where run_id = ${runId} and record > ${behind} and (${settled} or settled is null)
        and (${ids as number[] | null}::float8[] is null or id = any(${ids as number[] | null}::float8[]))
      order by record limit ${PORTION}`
    if (rows.length === 0) return
    yield rows.map(rejectOf)
    behind = Number(rows.at(-1)!.record)
  }
}

/** The same, all at once. */
export async function listRejects(sql: Sql, runId: string, filter: RejectFilter = {}): Promise<StoredReject[]> {
  const all: StoredReject[] = []
  for await (const portion of readRejects(sql, runId, filter)) all.push(...portion.map(shown))
  return all
}

/** As it is listed and exported. */
export const shown = ({ keys: _keys, mended: _mended, ...reject }: FullReject): StoredReject => reject

/** The numbers of the records that a run did not carry over. */
export async function rejectedRecords(sql: Sql, runId: string): Promise<Set<number>> {
  const rows = await sql<{ record: string }[]>`
    select record from landfall.backfill_reject where run_id = ${runId} and settled is distinct from 'carried'`
  return new Set(rows.map(({ record }) => Number(record)))
}

/** The records that were carried over as an operator mended them, by their numbers. */
export async function mendedRecords(sql: Sql, runId: string): Promise<Map<number, string>> {
  const rows = await sql<{ record: string; mended: string }[]>`
    select record, mended from landfall.backfill_reject where run_id = ${runId} and settled = 'carried' and mended is not null`
  return new Map(rows.map(({ record, mended }) => [Number(record), mended]))
}

/**
 * Gives rejects up for good, with who and why: they still count as rejected, and are in nobody's way any more.
 * @throws {LandfallError} `usage`: no such run, no such reject
 */
export const discardRejects = (
  place: Place,
  filter: Required<RunFilter>,
  { ids = null }: Pick<RejectFilter, 'ids'> = {},
  operator: Operator = NOBODY,
): Promise<{ readonly run: Run; readonly discarded: number }> =>
  reaching(async () => {
    await using sql = connectOnce(place)
    const { run } = await requireRun(sql, filter)
    await installLandfall(sql)
    await knownIds(sql, run, ids)
    const discarded = await transaction(sql, async (tx) => {
      const { count } = await tx`
        update landfall.backfill_reject set settled = 'discarded', settled_at = clock_timestamp(),
          settled_by = coalesce(${operator.actor}, session_user), settled_why = ${operator.why}
        where run_id = ${run.id} and settled is null and (${ids as number[] | null}::float8[] is null or id = any(${ids as number[] | null}::float8[]))`
      if (count > 0) await recordEvent(tx, run.id, 'rejects-discarded', { discarded: count }, operator)
      return count
    })
    const [now] = await listRuns(sql, { name: run.id })
    return { run: now!.run, discarded }
  })

/** @throws {LandfallError} `usage`: a reject that is not of the run */
export async function knownIds(sql: Sql, { id, name }: Run, ids: readonly number[] | null): Promise<void> {
  if (ids === null) return
  const known = await sql<{ id: number }[]>`
    select id::float8 from landfall.backfill_reject where run_id = ${id} and id = any(${ids as number[]}::float8[])`
  const unknown = ids.filter((wanted) => !known.some((reject) => reject.id === wanted))
  if (unknown.length === 0) return
  throw new LandfallError('usage', 'backfills/no-reject', `run ${id} of ${name} has no reject ${unknown.join(', ')}`, {
    next: `landfall backfill rejects list ${name} shows their ids`,
    fields: { unknown },
  })
}

const rejectOf = ({ record, line, offset, as, at, by, why, ...rest }: Row): FullReject => ({
  id: rest.id,
  run: rest.run,
  position: { record: Number(record), line: numberOrNull(line), offset: numberOrNull(offset) },
  stage: rest.stage,
  code: rest.code,
  reason: rest.reason,
  raw: rest.raw,
  keys: rest.keys,
  mended: rest.mended,
  ...(as === null ? {} : { settled: { as, at: at.toISOString(), by, why } }),
})

const numberOrNull = (value: string | null): number | null => (value === null ? null : Number(value))
