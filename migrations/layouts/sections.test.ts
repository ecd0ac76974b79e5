import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSections, type Direction, type Marker } from './sections.ts'

const markerOf = (line: string): Marker | null => {
  const [, direction, outside] = /^@(up|down)(!?)$/.exec(line) ?? []
  if (direction) return { says: 'section', direction: direction as Direction, transaction: !outside }
  return line === '@end' ? { says: 'end-of-statement' } : line === '@outside' ? { says: 'no-transaction' } : null
}

const body = fc.constantFrom('select 1;', '', '  -- a comment', "insert into t values ('@up');")
const line = fc.oneof(
  { weight: 4, arbitrary: body },
  fc.constantFrom('@up', '@down', '@up!', '@down!', '@end', '@outside'),
)

test('every line below an opening one belongs to exactly one direction, at its own number', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const sections = readSections('f.sql', lines.join('\n'), markerOf)
      let current: Direction | null = null
      const expected: Record<Direction, Map<number, string>> = { up: new Map(), down: new Map() }
      for (const [index, text] of lines.entries()) {
        const marker = markerOf(text)
        if (marker?.says === 'section') current = marker.direction
        else if (current !== null && marker?.says !== 'no-transaction' && text !== '')
          expected[current].set(index + 1, marker ? ';' : text)
      }
      for (const direction of ['up', 'down'] as const) {
        const script = sections[direction]
        const placed = (script?.sql.split('\n') ?? []).map((text, index) => [script!.firstLine + index, text] as const)
        expect(new Map(placed.filter(([, text]) => text !== ''))).toEqual(expected[direction])
      }
    }),
  )
})

test('a direction is there when a line opens it, and in a transaction unless a line says otherwise', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const { up, down } = readSections('f.sql', lines.join('\n'), markerOf)
      const expected = (direction: Direction): boolean | null => {
        const opened = lines.includes(`@${direction}`) || lines.includes(`@${direction}!`)
        return opened ? !lines.includes('@outside') && !lines.includes(`@${direction}!`) : null
      }
      const said = [up, down].map((script) => script && script.transaction)
      expect(said).toEqual([expected('up'), expected('down')])
    }),
  )
})

test('a file that starts in a direction keeps its first line', () => {
  expect(readSections('f.sql', 'select 1;\n@down\nselect 2;', markerOf, 'up')).toEqual({
    up: { file: 'f.sql', sql: 'select 1;', transaction: true, firstLine: 1 },
    down: { file: 'f.sql', sql: 'select 2;', transaction: true, firstLine: 3 },
    irreversible: null,
    header: '',
  })
})
