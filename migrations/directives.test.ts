import { expect, test } from 'vitest'
import { readDirectives } from './directives.ts'

test('directives are read from the comment lines before the first statement', () => {
  const plain = { transaction: true, irreversible: null }
  const texts: [string, object][] = [
    ['create table a ();', plain],
    ['-- landfall: no-transaction\ncreate index concurrently i on a (n);', { ...plain, transaction: false }],
    [
      '\n-- why\n  --landfall:   irreversible   the rows are gone  \n\ndrop table a;',
      { ...plain, irreversible: 'the rows are gone' },
    ],
    ['-- landfall: no-transaction\n-- landfall: irreversible gone\n', { transaction: false, irreversible: 'gone' }],
    ['select 1;\n-- landfall: no-transaction', plain],
    ['-- about landfall: no-transaction is not meant here', plain],
    ['-- landfall-ignore lint/x: another thing', plain],
  ]
  for (const [sql, expected] of texts) expect(readDirectives('f.sql', sql)).toEqual(expected)
})

test('a directive that is unknown, or lacks its reason, is an error with its line', () => {
  for (const said of ['no-transactions', 'irreversible', 'no-transaction please', ''])
    expect(() => readDirectives('f.sql', `-- head\n-- landfall: ${said}`)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'migrations/unknown-directive',
        message: `f.sql:2: "${`-- landfall: ${said}`.trim()}" is no directive`,
        location: { file: 'f.sql', line: 2, column: 1 },
      }),
    )
})
