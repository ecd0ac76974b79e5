import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainText } from './plain-text.ts'
import { workflowCommand } from './workflow-command.ts'

test('a command names its place and its title; unknown properties are left out', () => {
  const properties = { file: 'a,b:c.sql', line: 3, col: null, title: '100%' }
  expect(workflowCommand({ name: 'error', properties, message: 'one\ntwo: 5%, ok' })).toBe(
    '::error file=a%2Cb%3Ac.sql,line=3,title=100%25::one%0Atwo: 5%25, ok',
  )
  expect(workflowCommand({ name: 'notice', properties: {}, message: 'x' })).toBe('::notice::x')
})

/** As the runner reads a line. */
const parsed = (line: string): unknown => {
  const [, name, list, message] = /^::(\w+)(?: (.*?))?::(.*)$/.exec(line) ?? []
  const plain = (text = ''): string =>
    text.replace(/%(25|0D|0A|3A|2C)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const properties = Object.fromEntries(
    (list ?? '').split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), plain(pair.slice(pair.indexOf('=') + 1))]),
  )
  return { name, properties, message: plain(message) }
}

test('the runner reads back what was said, whatever it is, from one line', () => {
  const text = fc
    .array(fc.constantFrom('::', ':', ',', '=', '%', '%0A', '\n', '\r', ' ', 'error', 'a'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, text, (file, message) => {
      const line = workflowCommand({ name: 'warning', properties: { file }, message })
      expect(line).not.toMatch(/[\n\r]/)
      expect(parsed(line)).toEqual({
        name: 'warning',
        properties: { file: plainText(file) },
        message: plainText(message),
      })
    }),
  )
})
