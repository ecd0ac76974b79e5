import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchSize } from '../batch-size.ts'
import { LagClock } from './lag-clock.ts'
import { blind, Hysteresis } from './pressure.ts'
import { DEFAULT_THROTTLE } from './signals.ts'

const lag = (value: number | null) => [{ signal: 'replica-lag' as const, value, detail: null }]

test('a signal holds above its limit, until it is well below', () => {
  const hysteresis = new Hysteresis(DEFAULT_THROTTLE)
  const held = [4, 5, 5.1, 4.5, 4.1, 4, 4.9, 6, null, 3].map((value) => hysteresis.observe(lag(value)) !== null)
  expect(held).toEqual([false, false, true, true, true, false, false, true, true, false])
})

test('of several reasons the first is told; what is not available is told by itself', () => {
  const readings = [
    { signal: 'wal-backlog' as const, value: 3 * 1024 ** 3, detail: 'slot a' },
    { signal: 'replica-lag' as const, value: 7.25, detail: 'replica1' },
    { signal: 'lock-waiters' as const, value: null, detail: 'permission denied' },
  ]
  expect(new Hysteresis(DEFAULT_THROTTLE).observe(readings)).toEqual({
    reason: 'replica-lag',
    text: 'throttled: replica lag: 7.3 s, the limit is 5 s (replica1)',
  })
  expect(blind(readings)).toEqual({
    reason: 'not-available',
    text: 'slowed down: not available: lock-waiters (permission denied)',
  })
  expect(blind(lag(0))).toBeNull()
})

test('the lag of a replica that stands still grows as time does, and is over when it has caught up', () => {
  const clock = new LagClock()
  const lags = [
    [100n, 100n, 0],
    [200n, 100n, 1000],
    [300n, 100n, 2000],
    [300n, 100n, 9000],
    [300n, 200n, 10_000],
    [400n, 300n, 11_000],
    [400n, 400n, 12_000],
    [500n, null, 13_000],
  ].map(([written, replayed, at]) => clock.lag(written as bigint, replayed as bigint | null, at as number))
  expect(lags).toEqual([0, 0, 1, 8, 8, 0, 0, 0])
})

test('however long a replica stands still, its lag is exact and little is remembered', () => {
  const clock = new LagClock()
  const wrong: number[] = []
  for (let second = 0; second < 10_000; second += 1)
    if (clock.lag(BigInt(second + 1), 0n, second * 1000) !== second) wrong.push(second)
  expect(wrong).toEqual([])
})

test('a batch is halved under pressure, grows by tenths without, and never exceeds its bounds', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.array(fc.oneof(fc.constantFrom('shrink', 'hold', 'recover'), fc.integer({ min: 1, max: 5000 })), {
        maxLength: 60,
      }),
      (limit, steps) => {
        const size = new BatchSize({ rows: limit, bytes: 1e6, ms: 500 })
        let blindly = false
        for (const step of steps) {
          const before = size.rows
          let most = limit
          if (typeof step === 'number') {
            size.observe(before, step)
            if (blindly) most = Math.max(before, Math.min(1000, limit))
          } else {
            size[step]()
            blindly = step === 'hold' || (step === 'shrink' && blindly)
            if (step === 'shrink') most = Math.max(Math.min(100, limit), before / 2)
          }
          expect(size.rows).toBeGreaterThanOrEqual(Math.min(1, limit))
          expect(size.rows).toBeLessThanOrEqual(most)
        }
      },
    ),
  )
  const size = new BatchSize({ rows: 10_000, bytes: 1e6, ms: 500 })
  for (let n = 0; n < 20; n += 1) size.shrink()
  expect(size.rows).toBe(100)
  for (let n = 0; n < 20; n += 1) {
    size.recover()
    size.observe(size.rows, 1)
  }
  expect(size.rows).toBe(10_000)
})
