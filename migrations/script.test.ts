import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Script } from './migration.ts'
import { isEmptyScript, placeInStatement, statementsOf } from './script.ts'

const scriptOf = (sql: string, firstLine = 1): Script => ({ file: 's.sql', sql, transaction: true, firstLine })
const placed = async (sql: string, firstLine?: number): Promise<unknown[]> =>
  (await statementsOf(scriptOf(sql, firstLine))).map(({ sql: text, line, column }) => [text, line, column])

test('statements are split by PostgreSQL itself, and begin at their first token', async () => {
  expect(
    await placed(`-- düsseldorf; is no statement
select 'é;' as "ö;"; /* a /* nested; */ comment */ select 2

;
do $body$ begin perform 1; perform 'x;'; end $body$;
create function f() returns int begin atomic select 1; select 2; end;
  select $$;$$`),
  ).toEqual([
    [`select 'é;' as "ö;"`, 2, 1],
    ['select 2\n\n', 2, 52],
    ["do $body$ begin perform 1; perform 'x;'; end $body$", 5, 1],
    ['create function f() returns int begin atomic select 1; select 2; end', 6, 1],
    ['select $$;$$', 7, 3],
  ])
})

test('a script that begins further down in its file counts from there', async () => {
  expect(await placed('select 1;\nselect 2;', 10)).toEqual([
    ['select 1', 10, 1],
    ['select 2', 11, 1],
  ])
})

test('a syntax error is at its line and column, behind characters of several bytes too', async () => {
  await expect(statementsOf(scriptOf("select 'ünïcödé 😀';\n  /* ß */ craete table x ();"))).rejects.toMatchObject({
    code: 'lint/syntax-error',
    message: 'syntax error at or near "craete"',
    location: { file: 's.sql', line: 2, column: 11 },
  })
  await expect(statementsOf(scriptOf("select 1;\nselect 'never closed"))).rejects.toMatchObject({
    message: expect.stringContaining('unterminated quoted string') as string,
    location: { line: 2, column: 8 },
  })
})

test('a place that PostgreSQL names in a statement becomes a place in the file', async () => {
  const [, statement] = await statementsOf(scriptOf("select 'é';\n  select 'ü',\n  nowhere"))
  expect([
    placeInStatement(statement!, null),
    placeInStatement(statement!, 8),
    placeInStatement(statement!, 15),
  ]).toEqual([
    { line: 2, column: 3 },
    { line: 2, column: 10 },
    { line: 3, column: 3 },
  ])
})

test('comments, white space and lone semicolons are no statement; what cannot be read is one', async () => {
  const texts = ['', ' \n\t', '-- only\n/* comments */', ';;', "select '", 'select 1']
  expect(await Promise.all(texts.map(isEmptyScript))).toEqual([true, true, true, true, false, false])
  expect(await statementsOf(scriptOf('-- nothing\n'))).toEqual([])
})

test('what controls a transaction is known', async () => {
  const statements = await statementsOf(scriptOf('begin; select 1; commit; rollback; savepoint s; do $$ begin end $$'))
  expect(statements.map(({ controlsTransaction }) => controlsTransaction)).toEqual([
    true,
    false,
    true,
    true,
    true,
    false,
  ])
})

test('statements keep their text, in order and at their places, whatever stands between them', async () => {
  const statement = fc.constantFrom(
    'select 1',
    "select 'a;é''b'",
    'select "ö;😀" from (values (1)) as t("ö;😀")',
    'do $x$ begin perform 1; end $x$',
    'create function f() returns int begin atomic select 1; end',
    "insert into ünï values (E'\\';', $$;$$)",
    'begin',
  )
  const between = fc.constantFrom(';', '; ', ';\n', ' ;\n\n  ', '; -- c;ömment\n', ';/* x; /* y */ ß */', ';;')
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(statement, between), { maxLength: 8 }),
      fc.constantFrom('', '\n', '-- h;ead\n', '/* ü */ '),
      async (parts, head) => {
        const sql = head + parts.flat().join('')
        const statements = await statementsOf(scriptOf(sql))
        expect(statements.map(({ sql: text }) => text.trimEnd())).toEqual(parts.map(([text]) => text))
        const lines = sql.split('\n')
        for (const { sql: text, line, column } of statements) {
          const rest = [[...lines[line - 1]!].slice(column - 1).join(''), ...lines.slice(line)].join('\n')
          expect(rest.startsWith(text)).toBe(true)
        }
      },
    ),
    { numRuns: 200 },
  )
})
