import type { CopyConnection } from './copy-connection.ts'
import { packedRow } from './binary/packed-rows.ts'
import { identifier } from './identifier.ts'
import { atKey, keyTexts, unpacked, untouched } from './journal.ts'
import type { Cursor } from './sources/source.ts'
import type { Target } from './target.ts'

/** Records of a run that stand one behind the other in the source. */
export interface Stretch {
  /** Behind which the first begins; null: the beginning of the source. */
  readonly behind: Cursor | null
  readonly first: number
  readonly last: number
}

export interface DigestResult {
  /** Rows that the server has exactly as the source had them. */
  readonly proven: number
  /** All that the run wrote. */
  readonly rows: number
  /** Batches of which that is not known: their records have to be compared. */
  readonly open: readonly Stretch[]
}

interface Line {
  readonly seq: string
  readonly xid: string
  readonly span: readonly [first: string, last: string]
  readonly columns: readonly string[]
  readonly digest: string
}

/**
 * Makes the digest of every batch of a run anew, from the rows that the server has, and compares it with that of the
 * source's. No data leaves the server. A batch without a digest (rows that went as text, that were updated, or of which
 * only some were new) stays open. Each connection takes the next batch that is left.
 */
export async function compareDigests(
  connections: readonly CopyConnection[],
  runId: string,
  targets: readonly Target[],
  onBatch?: (records: number) => void,
): Promise<DigestResult> {
  const rows = await connections[0]!.query(
    `select seq, target, op, n, xid, first_row, last_row, encode(digest, 'hex') as digest,
       to_json(digest_columns)::text as columns, behind::text as behind, first_record, last_record
     from landfall.backfill_batch where run_id = $1 and undone_at is null order by seq`,
    [runId],
  )
  const open: Stretch[] = []
  let proven = 0
  const batches = Map.groupBy(rows, (row) => row['seq']).values()
  const lane = async (connection: CopyConnection): Promise<void> => {
    for (const lines of batches) {
      const [{ behind, first_record: first, last_record: last }] = lines as [(typeof lines)[0]]
      if (await all(lines, (row) => isSame(connection, runId, targets, row)))
        for (const { n } of lines) proven += Number(n)
      else
        open.push({ behind: JSON.parse(behind ?? 'null') as Cursor | null, first: Number(first), last: Number(last) })
      onBatch?.(Number(last))
    }
  }
  await Promise.all(connections.map(lane))
  const written = rows.reduce((sum, { n }) => sum + Number(n), 0)
  return { proven, rows: written, open: open.toSorted((a, b) => a.first - b.first) }
}

async function all<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (!(await holds(item))) return false
  return true
}

async function isSame(
  connection: CopyConnection,
  runId: string,
  targets: readonly Target[],
  row: Record<string, string | null>,
): Promise<boolean> {
  const target = targets.find(({ sql }) => sql === row['target'])
  if (target === undefined || row['digest'] === null) return false
  return hasDigest(connection, runId, target, {
    seq: row['seq']!,
    xid: row['xid']!,
    span: [row['first_row']!, row['last_row']!],
    digest: row['digest']!,
    columns: JSON.parse(row['columns']!) as string[],
  })
}

/** Where the rows still stand as they were put there they are read in one go, otherwise by their keys. */
async function hasDigest(connection: CopyConnection, runId: string, target: Target, line: Line): Promise<boolean> {
  if (!line.columns.every((name) => target.columns.has(name))) return false
  const bytes = packedRow(target, line.columns, (name) => `t.${identifier(name)}`)
  const [together] = await connection.query(
    `select encode(sha256(string_agg(${bytes}, '')), 'hex') as digest from ${target.sql} t, (select $3::text::xid8 as xid) b
     where t.ctid >= $1::text::tid and t.ctid <= $2::text::tid and ${untouched('b')}`,
    [...line.span, line.xid],
  )
  if (together!['digest'] === line.digest) return true
  const [byKey] = await connection.query(
    `select encode(sha256(string_agg(t.bytes, '' order by t.n)), 'hex') as digest from (
       select e.n, ${bytes} as bytes
       from landfall.backfill_batch b, ${unpacked(target, 'b')} with ordinality as e(${keyTexts(target)}, n), ${target.sql} t
       where b.run_id = $1 and b.seq = $2 and b.target = $3 and b.op = 'insert' and ${atKey(target, 't', 'e')}) t`,
    [runId, line.seq, target.sql],
  )
  return byKey!['digest'] === line.digest
}
