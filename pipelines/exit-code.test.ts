import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LandfallError } from '../migrations/error.ts'
import { guarded } from './commands/errors.ts'
import type { CliContext } from './context.ts'
import { exitCodeOf, Interrupted, verdictOfCode, worstOf } from './exit-code.ts'

const order = [70, 130, 143, 3, 2, 5, 4, 1, 0]

test('of several causes the first of the contract wins, in whatever order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...order)), (codes) => {
      expect(worstOf(codes)).toBe(order.find((code) => codes.includes(code)) ?? 0)
    }),
  )
})

test('every kind of error has its code and its verdict', () => {
  const kinds = ['usage', 'environment', 'stopped', 'refused', 'findings'] as const
  const errors = [
    ...kinds.map((kind) => new LandfallError(kind, 'x/y', 'no')),
    new Interrupted('SIGINT'),
    new Interrupted('SIGTERM'),
    new TypeError('no'),
  ]
  expect(errors.map((error) => [exitCodeOf(error), verdictOfCode(exitCodeOf(error))])).toEqual([
    [2, 'error'],
    [3, 'error'],
    [4, 'fail'],
    [5, 'fail'],
    [1, 'fail'],
    [130, 'error'],
    [143, 'error'],
    [70, 'error'],
  ])
  expect(verdictOfCode(0)).toBe('pass')
})

/** What a command says and exits with when its work does that. */
async function outcomeOf(
  work: () => Promise<number>,
  signal = new AbortController().signal,
): Promise<{ code: number; said: string[] }> {
  const said: string[] = []
  let code = -1
  const terminal = { stdout: false, stderr: false, color: false, columns: 80 }
  const context = { signal, terminal, say: (line: string) => said.push(line), exit: (value: number) => (code = value) }
  await guarded(context as unknown as CliContext, work)
  return { code, said }
}

test('a bug is 70 and shows its stack; an error of the contract is one sentence and the next step', async () => {
  const bug = await outcomeOf(async () => JSON.parse('{') as number)
  expect([bug.code, bug.said[0]]).toEqual([70, expect.stringMatching(/^a bug in landfall: /) as string])
  expect(bug.said[1]).toContain('exit-code.test.ts')
  const location = { file: 'a.sql', line: 3, column: 1 }
  const known = await outcomeOf(() =>
    Promise.reject(new LandfallError('usage', 'x/y', 'no such thing', { next: 'do that', location })),
  )
  expect(known).toEqual({ code: 2, said: ['error a.sql:3: no such thing', 'next  do that'] })
  expect(await outcomeOf(() => Promise.resolve(4))).toEqual({ code: 4, said: [] })
})

test('what breaks after a signal is the doing of the signal', async () => {
  const controller = new AbortController()
  controller.abort(new Interrupted('SIGTERM'))
  expect(await outcomeOf(() => Promise.reject(new Error('write CONNECTION_CLOSED')), controller.signal)).toEqual({
    code: 143,
    said: ['stopped by SIGTERM: everything that landfall started is gone'],
  })
})
