import { expect, test } from 'vitest'
import { excerpt } from './excerpt.ts'

const of = (source: string, line: number | null, column: number | null, width = 60): unknown =>
  excerpt({ file: 'a.sql', line, column }, (file) => (file === 'a.sql' ? source : null), width).map(
    ({ number, text }) => `${number ?? ''}|${text}`,
  )

test('the line, the one before it, and a caret under the column', () => {
  expect(of('one\ntwo\nthree', 3, 3)).toEqual(['2|two', '3|three', '|  ^'])
  expect(of('one\r\n\r\nthree', 3, 1)).toEqual(['3|three', '|^'])
})

test('the caret stands right after tabs, wide and combining characters', () => {
  expect(of('\t日本e\u0301x', 1, 6)).toEqual(['1|  日本e\u0301x', '|       ^'])
})

test('a long line is cut around the caret', () => {
  expect(of(`${'a'.repeat(50)}X${'b'.repeat(50)}`, 1, 51, 20)).toEqual([
    `1|${'a'.repeat(10)}X${'b'.repeat(8)}…`,
    `|${' '.repeat(10)}^`,
  ])
})

test('a place that the source does not have shows nothing, and an escape sequence is not shown', () => {
  expect([of('one', 7, 1), of('one', null, null), of('one', 1, 99)]).toEqual([[], [], ['1|one']])
  expect(of('a\u001b[31mb\u0007', 1, null)).toEqual(['1|ab'])
  expect(excerpt({ file: 'none.sql', line: 1, column: 1 }, () => null, 60)).toEqual([])
})
