import { randomUUID } from 'node:crypto'
import { toolVersion } from '../migrations/version.ts'
import type { CopyConnection } from './copy-connection.ts'
import { isolate } from './isolate.ts'
import { isReject, RecordReader, type PreparedRecord, type TableRows } from './record.ts'
import { RowFailure } from './row-failure.ts'
import type { JobPlace } from './run.ts'
import type { Target } from './target.ts'
import { Writer } from './writer.ts'

/** What it took to write some records. */
export interface Sample {
  readonly records: number
  readonly ms: number
  /** Of the whole server while it went on. */
  readonly walBytes: number
  /** Of tables and indexes, and of the journal. */
  readonly diskBytes: number
}

/**
 * Writes the first records of a source as a run does, journal and all, and rolls that back. What triggers do beside the
 * transaction, and what sequences gave out, stays.
 */
export async function sampleRun(
  connection: CopyConnection,
  targets: readonly Target[],
  place: JobPlace,
  wanted: number,
): Promise<Sample> {
  const writer = new Writer(connection, targets, place.job.onConflict)
  const way = writer.optimistic && !writer.tolerant ? 'direct' : 'staged'
  if (way === 'staged') await writer.prepareStages()
  const run = randomUUID()
  const batch = { runId: run, seq: 1, first: 1, last: wanted, behind: null }
  const attempt = async ({ records, tables }: FirstRecords, seq = 1): Promise<number> => {
    await startSample(connection, run, place)
    return writer.write(records, tables, { ...batch, seq }, way)
  }
  const { records: all, tables } = await firstRecords(place, targets, { wanted, pack: false })
  const refused = await isolate(connection, all, (records, seq) => attempt({ records, tables }, seq))
  const without = new Set(refused.map(({ position }) => position.record))
  const first = await firstRecords(place, targets, { wanted, pack: place.job.onConflict !== 'update', without })

  await connection.query('begin')
  try {
    const before = await sizes(connection, targets)
    const begun = performance.now()
    await attempt(first)
    const ms = performance.now() - begun
    const after = await sizes(connection, targets)
    return {
      records: first.records.length,
      ms,
      walBytes: after.wal - before.wal,
      diskBytes: after.disk - before.disk - (await unused(connection, run)) + (await journalSize(connection, run)),
    }
  } catch (error) {
    if (!(error instanceof RowFailure)) throw error
    return { records: 0, ms: 0, walBytes: 0, diskBytes: 0 }
  } finally {
    await connection.query('rollback').catch(() => {}) // the connection may be what failed
  }
}

interface FirstRecords {
  readonly records: readonly PreparedRecord[]
  readonly tables: readonly TableRows[]
}

/** `pack`: as a run sends them; `without` the records of these numbers. */
async function firstRecords(
  place: JobPlace,
  targets: readonly Target[],
  {
    wanted,
    pack,
    without,
  }: { readonly wanted: number; readonly pack: boolean; readonly without?: ReadonlySet<number> },
): Promise<FirstRecords> {
  const reader = new RecordReader(place.job, targets, { pack })
  const records: PreparedRecord[] = []
  let left = wanted - (without?.size ?? 0)
  source: for await (const items of place.job.from.read(place))
    for (const item of items) {
      if (left <= 0) break source
      if (without?.has(item.position.record)) continue
      const record = await reader.read(item)
      if (isReject(record)) continue
      records.push(record)
      left -= 1
    }
  return { records, tables: reader.takeTables() }
}

/** The journal refers to its run, which goes with the transaction. */
const startSample = (connection: CopyConnection, id: string, { system, job }: JobPlace) =>
  connection.query(
    `insert into landfall.backfill_run (id, system, name, state, owner, spec_hash, source, targets, options, tool_version)
     values ($1, $2, $3, 'done', 'sample', '', '{}', '[]', '{}', $4) on conflict do nothing`,
    [id, system, job.name, toolVersion],
  )

async function sizes(connection: CopyConnection, targets: readonly Target[]): Promise<{ wal: number; disk: number }> {
  let disk = 0
  for (const { sql } of targets) {
    const [size] = await connection.query(
      `select sum(pg_total_relation_size(relid)) as size from (select relid from pg_partition_tree($1::regclass) union select $1::regclass) t(relid)`,
      [sql],
    )
    disk += Number(size!['size'])
  }
  const [position] = await connection.query(`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as wal`)
  return { wal: Number(position!['wal']), disk }
}

/** A heap grows by many blocks at once: what lies behind the last row is no need of these rows. */
async function unused(connection: CopyConnection, run: string): Promise<number> {
  const [size] = await connection.query(
    `select coalesce(sum(pg_relation_size(target::regclass) - ((last::text::point)[0]::bigint + 1) * current_setting('block_size')::int), 0) as size
     from (select target, max(last_row) as last from landfall.backfill_batch where run_id = $1 group by target) b where last is not null`,
    [run],
  )
  return Number(size!['size'])
}

async function journalSize(connection: CopyConnection, run: string): Promise<number> {
  const [size] = await connection.query(
    'select coalesce(sum(pg_column_size(b.*) + pg_column_size(b.keys) + pg_column_size(b.row_hash)), 0) as size from landfall.backfill_batch b where run_id = $1',
    [run],
  )
  return Number(size!['size'])
}
