import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyText } from './text.ts'

test('any text is what PostgreSQL can hold, of every plane', () => {
  const samples = fc.sample(anyText({ maxLength: 20 }), { numRuns: 2000, seed: 1 })
  const characters = samples.flatMap((text) => [...text])
  expect(samples.every((text) => text.isWellFormed() && [...text].length <= 20)).toBe(true)
  expect(characters).not.toContain('\0')
  expect(new Set(characters.map((one) => one.codePointAt(0)! >> 16)).size).toBe(17)
  expect(characters.some((one) => /[a-z]/.test(one))).toBe(true)
})

test('any text shrinks towards a', () => {
  const { counterexample } = fc.check(
    fc.property(anyText(), (text) => [...text].length < 2),
    { seed: 1 },
  )
  expect(counterexample).toEqual(['aa'])
})

test('any text has what code trips over among it', () => {
  expect(fc.sample(anyText(), { numRuns: 3000, seed: 1 })).toContain('__proto__')
})
