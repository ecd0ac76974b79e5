import { createHash } from 'node:crypto'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { recordText } from '../json-text.ts'
import type { Cursor, Source, SourceRecord } from './source.ts'

type Records = Iterable<unknown> | AsyncIterable<unknown>

const CHUNK = 1000

export interface StoreOptions {
  /**
   * Others go on writing to the store. A run that is resumed lists it from the beginning: what it wrote before is then
   * there already, which the job's `onConflict` must be `skip` or `update` for.
   */
  readonly live?: boolean
}

/**
 * Records that live in memory: a store, a seed, anything that can be listed. `read` is called anew for every pass, and
 * yields the same records in the same order as long as the store is the same.
 */
export const store = (
  name: string,
  read: () => Records | Promise<Records>,
  { live = false }: StoreOptions = {},
): Source => ({
  kind: 'store',
  label: name,
  file: null,
  live,
  async identity() {
    const hash = createHash('sha256')
    if (live) hash.update(name)
    else for await (const value of listed(name, read)) hash.update(recordText(value)).update('\n')
    return { kind: 'store', label: name, hash: hash.digest('hex'), size: null, modifiedAt: null }
  },
  read: (_place, after) => readStore(listed(name, read), after ?? null, live),
})

/** @throws {LandfallError} `usage` when the store fails: that is the team's code, and no bug of landfall */
async function* listed(name: string, read: () => Records | Promise<Records>): AsyncGenerator {
  try {
    yield* await read()
  } catch (error) {
    if (error instanceof LandfallError) throw error
    throw new LandfallError('usage', 'backfills/source-failed', `the store ${name} failed: ${messageOf(error)}`, {
      next: 'mend the source in the job, and run the command again: an unfinished run goes on where it was',
      cause: error,
    })
  }
}

async function* readStore(
  records: AsyncIterable<unknown>,
  after: Cursor | null,
  live: boolean,
): AsyncGenerator<SourceRecord[]> {
  const done = after?.record ?? 0
  let record = live ? done : 0
  let items: SourceRecord[] = []
  for await (const value of records) {
    record += 1
    if (record <= done) continue
    const position = { record, line: null, offset: null }
    items.push({ position, end: position, raw: value, parsed: { ok: true, value } })
    if (items.length >= CHUNK) {
      yield items
      items = []
    }
  }
  yield items
}
