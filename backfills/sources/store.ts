import { createHash } from 'node:crypto'
import { recordText } from '../json-text.ts'
import type { Cursor, Source, SourceRecord } from './source.ts'

type Records = Iterable<unknown> | AsyncIterable<unknown>

const CHUNK = 1000

/**
 * Records that live in memory: a store, a seed, anything that can be listed. `read` is called anew for every pass,
 * and yields the same records in the same order as long as the store is the same.
 */
export const store = (name: string, read: () => Records | Promise<Records>): Source => ({
  kind: 'store',
  label: name,
  file: null,
  async identity() {
    const hash = createHash('sha256')
    for await (const value of await read()) hash.update(recordText(value)).update('\n')
    return { kind: 'store', label: name, hash: hash.digest('hex'), size: null, modifiedAt: null }
  },
  read: (_root, after) => readStore(read, after ?? null),
})

async function* readStore(
  read: () => Records | Promise<Records>,
  after: Cursor | null,
): AsyncGenerator<SourceRecord[]> {
  let record = 0
  let items: SourceRecord[] = []
  for await (const value of await read()) {
    record += 1
    if (after !== null && record <= after.record) continue
    const position = { record, line: null, offset: null }
    items.push({ position, end: position, raw: value, parsed: { ok: true, value } })
    if (items.length >= CHUNK) {
      yield items
      items = []
    }
  }
  yield items
}
