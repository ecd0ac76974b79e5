import { LandfallError } from '../../migrations/error.ts'
import type { Backfill } from '../define.ts'
import type { Cursor, SourcePart, SourcePlace } from '../sources/source.ts'

/** So many places are remembered while a source is counted; then every other of them. */
const MARKS = 8192

/**
 * Cuts a source into up to `count` parts of about as many records: at cursors, so that each keeps the numbers and lines
 * of its records. A source that cannot do that itself is read once.
 * @throws {LandfallError} `usage` when the source cannot be cut
 */
export async function partsOf(job: Backfill, place: SourcePlace, count: number): Promise<readonly SourcePart[]> {
  const { from } = job
  if (from.split !== undefined) return from.split(place, count)
  if (from.live)
    throw new LandfallError(
      'usage',
      'backfills/not-divisible',
      `${from.label} changes while it is read: it has no parts that several workers could share`,
      { next: `landfall backfill run ${job.name}, without --partitions` },
    )
  let marks: Cursor[] = []
  let [every, seen] = [1, 0]
  let end: Cursor | null = null
  for await (const items of from.read(place))
    for (const item of items) {
      end = item.end
      seen += 1
      if (seen % every !== 0) continue
      marks.push(end)
      if (marks.length < MARKS) continue
      every *= 2
      marks = marks.filter((_, n) => n % 2 === 1)
    }
  const cuts: Cursor[] = []
  for (let n = 1; n < count; n += 1) {
    const wanted = (seen * n) / count
    const cut = marks.find(({ record }) => record >= wanted)
    if (cut !== undefined && cut.record < seen && cut.record > (cuts.at(-1)?.record ?? 0)) cuts.push(cut)
  }
  return [null, ...cuts].map((behind, n) => ({ behind, last: cuts[n]?.record ?? null }))
}
