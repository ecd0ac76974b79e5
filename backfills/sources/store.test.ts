import { expect, test } from 'vitest'
import { store } from './store.ts'

const PLACE = { root: '/', url: '', schema: '' }
const live = [
  { id: 1n, at: new Date(0), tags: new Set(['a']) },
  { id: 2n, at: new Date(1), tags: new Set<string>() },
]

test('a store yields what it lists, and goes on behind a record', async () => {
  const source = store('live', async () => live)
  const records = (await Array.fromAsync(source.read(PLACE))).flat()
  expect(records).toEqual(
    live.map((value, n) => {
      const position = { record: n + 1, line: null, offset: null }
      return { position, end: position, raw: value, parsed: { ok: true, value } }
    }),
  )
  expect((await Array.fromAsync(source.read(PLACE, records[0]!.end))).flat()).toEqual(records.slice(1))
})

test('the identity of a store is its content, as deep as it goes', async () => {
  const of = (list: unknown[]) => store('s', () => list).identity(PLACE)
  expect(await of(live)).toEqual(await of(structuredClone(live)))
  expect((await of(live)).hash).not.toBe((await of([live[0], { ...live[1], tags: new Set(['b']) }])).hash)
})
