import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

/** A pace that has seen `rates` records a second, each for a second. */
function paceOf(rates: readonly number[]): { pace: Pace; read: number } {
  let [now, read] = [0, 0]
  const pace = new Pace(() => now)
  pace.observe(0)
  for (const rate of rates) {
    now += 1_000
    read += rate
    pace.observe(read)
  }
  return { pace, read }
}

test('a steady pace has one end in sight', () => {
  const { pace, read } = paceOf([1_000, 1_000, 1_000])
  expect(pace.rate).toBe(1_000)
  expect(pace.left(read, 0.25)).toEqual([9_000, 9_000])
})

test('an unsteady pace has a range, and the truth of late weighs more', () => {
  const { pace, read } = paceOf([1_000, 1_000, 3_000, 3_000])
  expect(pace.rate).toBeGreaterThan(1_000)
  expect(pace.rate).toBeLessThan(3_000)
  const [least, most] = pace.left(read, 0.5)!
  expect(least).toBeLessThan(most)
})

test('without a share, or before anything came, nobody knows', () => {
  const { pace, read } = paceOf([1_000])
  expect(pace.left(read, null)).toBeNull()
  expect(new Pace().left(0, 0)).toBeNull()
  expect(paceOf([0, 0]).pace.left(10, 0.5)).toBeNull()
})
