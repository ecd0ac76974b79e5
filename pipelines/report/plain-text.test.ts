import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clipped, oneLine, plainText } from './plain-text.ts'

test('escape sequences, controls, invisible marks and runner commands go; tabs, lines and letters stay', () => {
  expect(plainText('\u001b[31mred\u001b[0m\tgrün\r\nnext\u0007 \u202egnp\u2066 ##[error]x 日本\u0000')).toBe(
    'red\tgrün\nnext gnp ## [error]x 日本',
  )
  expect(oneLine('  a\r\n   b\u2028c ')).toBe('a b c')
})

test('no text leaves a control, a lone surrogate or a runner command behind', () => {
  const hostile = fc.array(
    fc.constantFrom('\u001b[2J', '##[', '#', '[', '\r', '\n', '\ud800', 'a', '\u009b', '\u200b', '::'),
  )
  fc.assert(
    fc.property(hostile, (parts) => {
      const text = plainText(parts.join(''))
      expect(text.isWellFormed()).toBe(true)
      // eslint-disable-next-line no-control-regex -- controls are what it is about
      expect(text).not.toMatch(/##\[|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b]/)
      expect(oneLine(text)).not.toContain('\n')
    }),
  )
})

test('a clipped text counts characters, not code units', () => {
  expect([clipped('abc', 3), clipped('abcd', 3), clipped('👍👍👍👍', 3)]).toEqual(['abc', 'ab…', '👍👍…'])
})
