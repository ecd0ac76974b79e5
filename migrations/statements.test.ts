import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEmptyScript, ScriptSyntaxError, statementsOf } from './script.ts'

const scriptOf = (sql: string, firstLine = 1) => ({ file: 'f.sql', sql, transaction: true, firstLine })

test('dollar quotes, DO blocks and SQL bodies are one statement each', async () => {
  const texts = [
    'create function f() returns int language sql begin atomic select 1; select 2; end',
    "do $$ begin perform 1; raise notice ';'; end $$",
    'create function g() returns text as $body$ select $$a;b$$; $body$ language sql',
    "select ';', E'\\';', \";\" from (select 1 as \";\") x",
  ]
  const statements = await statementsOf(scriptOf(texts.join(';\n\n') + ';', 10))
  expect(statements.map(({ sql, line }) => [sql, line])).toEqual(texts.map((sql, index) => [sql, 10 + 2 * index]))
})

const text = fc.constantFrom(
  "select 'é'",
  'select 1 -- a; comment',
  'select /* ; \n 🐘 */ 2',
  "select '\n\n'",
  'select $$;\n$$',
)
const gap = fc.constantFrom('', '\n', '  ', '\n-- é; 🐘\n\t', '/* ; */ ', ';')

test('statements stand where their first token stands, in lines and characters', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(gap, text), { maxLength: 12 }),
      fc.integer({ min: 1, max: 9 }),
      async (parts, firstLine) => {
        const sql = parts.map(([before, statement]) => `${before}${statement}\n;`).join('')
        const statements = await statementsOf(scriptOf(sql, firstLine))
        const lines = sql.split('\n')
        expect(statements.length).toBe(parts.length)
        for (const [index, { line, column, sql: own }] of statements.entries()) {
          const rest = [...lines.slice(line - firstLine).join('\n')].slice(column - 1).join('')
          expect(rest.startsWith(own)).toBe(true)
          expect(own.startsWith('select')).toBe(true)
          expect(own.trimEnd().startsWith(parts[index]![1].split(' --')[0]!)).toBe(true)
        }
      },
    ),
  )
})

test('a script is empty when it holds comments, white space and semicolons alone', async () => {
  const empty = ['', ' \n', '-- a', '/* a\n b */', ';\n;', '-- a\n  -- b\n', '/* a */ -- b']
  const full = ['select 1', '-- a\nselect 1', '/* a */ select 1', '(select 1)', 'syntax error', "'", '/* a']
  expect(await Promise.all([...empty, ...full].map(isEmptyScript))).toEqual([
    ...empty.map(() => true),
    ...full.map(() => false),
  ])
})

test('a syntax error has its place in the file', async () => {
  await expect(statementsOf(scriptOf("select 'é🐘';\n  slect 1;", 4))).rejects.toEqual(
    new ScriptSyntaxError('syntax error at or near "slect"', { file: 'f.sql', line: 5, column: 3 }),
  )
})
