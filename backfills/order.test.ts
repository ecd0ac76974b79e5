import { expect, test } from 'vitest'
import type { Backfill } from './define.ts'
import { inOrder } from './order.ts'

const job = (name: string, ...after: string[]) => ({ name, after }) as unknown as Backfill
const names = (...jobs: Backfill[]) => inOrder(jobs).map(({ name }) => name)

test('jobs stand behind those that they come after, otherwise as they came', () => {
  expect(names(job('c', 'a', 'b'), job('d'), job('b', 'a'), job('a'))).toEqual(['a', 'b', 'c', 'd'])
})

test('a circle is a usage error that shows it', () => {
  expect(() => names(job('z', 'a'), job('a', 'b'), job('b', 'a'))).toThrow('backfills wait for each other: a → b → a')
})

test('an unknown name is a usage error that names the jobs', () => {
  expect(() => names(job('a', 'x'), job('b'))).toThrow(
    expect.objectContaining({ kind: 'usage', next: 'correct after; the jobs are a, b' }),
  )
})
