import { expect, test } from 'vitest'
import { throttleFlags, throttleOf } from './throttle-flags.ts'

test('limits are numbers with their units, or off; what is not given is the default', () => {
  expect(
    throttleOf({
      maxLag: throttleFlags.maxLag.parse('500ms'),
      maxTransactionAge: throttleFlags.maxTransactionAge.parse('off'),
      maxWalBacklog: throttleFlags.maxWalBacklog.parse('2GB'),
    }),
  ).toEqual({
    'blocked-sessions': 0,
    'replica-lag': 0.5,
    'lock-waiters': 3,
    'wal-backlog': 2 * 1024 ** 3,
    'long-transaction': null,
  })
  for (const wrong of ['', 'x', '-1', '5 parsecs', '1e3', 'toString'])
    expect(() => throttleFlags.maxLag.parse(wrong)).toThrow(`"${wrong}" is none: write 5s, or off`)
  expect(() => throttleFlags.maxBlocked.parse('3s')).toThrow('write 0, or off')
})
