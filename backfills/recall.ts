import type { JobPlace } from './run.ts'
import { rawText } from './record.ts'
import type { FullReject } from './rejects.ts'
import { parseRecord } from './sources/parse-record.ts'
import type { Source, SourceRecord } from './sources/source.ts'

/**
 * The records of rejects, to be tried again, each at the position of its reject. A row of a table comes as it is now,
 * any other record as it was. Left out is what is not there any more, and what could not be read: that has to be
 * mended first.
 */
export async function recall(place: JobPlace, rejects: readonly FullReject[]): Promise<SourceRecord[]> {
  const { from } = place.job
  const records = rejects.flatMap((reject) => (reject.mended === null ? [] : mendedRecord(from, reject, reject.mended)))
  const asTheyWere = rejects.filter(({ mended, stage }) => mended === null && stage !== 'parse')
  if (asTheyWere.length > 0) records.push(...(await again(place, asTheyWere)))
  return records.toSorted((a, b) => a.position.record - b.position.record)
}

/** A record that an operator mended: JSON of what the schema is given. */
export function mendedRecord(from: Source, { position }: Pick<FullReject, 'position'>, text: string): SourceRecord {
  const { raw, parsed } = parseRecord(Buffer.from(text), position.line ?? 1)
  const value = from.parse === undefined && parsed.ok ? parsed.value : raw
  return { position, end: position, raw: value, parsed }
}

async function again(place: JobPlace, rejects: readonly FullReject[]): Promise<SourceRecord[]> {
  const { from } = place.job
  if (from.parse !== undefined)
    return rejects.map(({ position, raw }) => ({
      position,
      end: position,
      raw,
      parsed: { ok: true, value: from.parse!(raw) },
    }))
  if (from.again !== undefined) {
    const positions = rejects.flatMap(({ position, keys }) =>
      keys === null ? [] : { ...position, keys: { after: keys, until: keys } },
    )
    return [...(await from.again(place, positions))]
  }
  return found(from.read(place), rejects)
}

/** Known by what they say: a record that is not what it was is another one. */
async function found(
  items: AsyncIterable<readonly SourceRecord[]>,
  rejects: readonly FullReject[],
): Promise<SourceRecord[]> {
  const wanted = Map.groupBy(rejects, ({ raw }) => raw)
  const records: SourceRecord[] = []
  for await (const portion of items)
    for (const item of portion) {
      const reject = wanted.get(rawText(item.raw))?.shift()
      if (reject === undefined) continue
      records.push({ ...item, position: reject.position, end: reject.position })
      if (records.length === rejects.length) return records
    }
  return records
}
