import { expect, test } from 'vitest'
import { z } from 'zod'
import { columnOf, defineBackfill, parseBackfill } from './define.ts'
import { store } from './sources/store.ts'

const from = store('s', () => [])
const schema = z.object({ id: z.string(), createdAt: z.string() })

test('a job without a map names columns as the driver does', () => {
  const { tables, ...rest } = defineBackfill({ name: 'app/a', from, schema, into: 'things' })
  expect(rest).toEqual({ name: 'app/a', from, schema, onConflict: 'fail', after: [] })
  expect(tables).toEqual([{ table: 'things', key: null, map: null }])
  expect(['id', 'createdAt', '__proto__'].map(columnOf)).toEqual(['id', 'created_at', '__proto__'])
})

test('several tables have their own maps and keys, in their order', () => {
  const map = ({ id }: { id: string }) => ({ id })
  const { tables } = defineBackfill({ name: 'a', from, schema, into: { b: map, a: map }, key: { a: ['id'] } })
  expect(tables).toEqual([
    { table: 'b', key: null, map },
    { table: 'a', key: ['id'], map },
  ])
})

test('all mistakes are said together', () => {
  const wrong = { name: 'a b', from: {}, schema: 3, into: 7, onConflict: 'ignore', colour: 'red' }
  expect(() => parseBackfill(wrong)).toThrow(
    expect.objectContaining({
      kind: 'usage',
      code: 'backfills/job-invalid',
      message: expect.stringMatching(/name: .*from: .*schema: .*into: .*onConflict: .*"colour"/),
    }),
  )
  expect(() =>
    parseBackfill({ name: 'a', from, schema, into: { t: () => ({}) }, map: () => ({}), key: ['id'] }),
  ).toThrow(/map: several tables.*key: expected/)
  expect(() => parseBackfill(null)).toThrow(/the job: /)
})
