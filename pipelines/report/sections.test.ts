import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitted, type Section } from './sections.ts'

const section = (head: string, rows: readonly string[]): Section => ({
  head,
  rows,
  tail: '.',
  more: (hidden) => `+${hidden}`,
})

test('what fits is whole; what does not says how many rows are missing', () => {
  const sections = [section('head', []), section('A', ['11', '22', '33']), section('B', ['44'])]
  expect([
    fitted(sections, 100),
    fitted(sections, 17),
    fitted(sections, 16),
    fitted(sections, 15),
    fitted(sections, 12),
  ]).toEqual(['head.A112233.B44.', 'head.A112233.B44.', 'head.A11.+2B44.', 'head.A11.+2B44.', 'head.+3+1'])
})

test('a small section behind a big one stays whole', () => {
  const sections = [
    section(
      '',
      Array.from({ length: 1000 }, () => '12345'),
    ),
    section('small', ['1', '2']),
  ]
  expect(fitted(sections, 40)).toBe('12345'.repeat(5) + '.+995small12.')
})

test('the limit counts bytes', () => {
  expect(fitted([section('', ['éé', 'éé'])], 9)).toBe('éééé.')
  expect(fitted([section('', ['éé', 'éé'])], 8)).toBe('éé.+1')
})

test('no text is longer than its limit while the notes alone fit, and every row is shown or counted', () => {
  const rows = fc.array(
    fc.string({ minLength: 1, maxLength: 20 }).map((text) => `<${text.replace(/[<+]/g, '')}`),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 4 }), fc.integer({ min: 40, max: 400 }), (all, limit) => {
      const text = fitted(
        all.map((each) => section('', each)),
        limit,
      )
      const shown = text.split('<').length - 1
      const hidden = [...text.matchAll(/\+(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit)
      expect(shown + hidden).toBe(all.flat().length)
    }),
  )
})
