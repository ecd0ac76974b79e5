import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

test('notransaction counts for its direction; StatementEnd ends a statement', async () => {
  const text = [
    '',
    '-- +migrate Up notransaction',
    '-- +migrate StatementBegin',
    'create index concurrently i on t (c)',
    '-- +migrate StatementEnd',
    '-- +migrate Down',
    'drop index i;',
  ].join('\n')
  const file = 'm/7-index.sql'
  expect(await readTexts({ '7-index.sql': text })).toEqual({
    layout: 'sql-migrate',
    migrations: [
      {
        version: '7',
        name: 'index',
        up: {
          file,
          sql: '-- +migrate StatementBegin\ncreate index concurrently i on t (c)\n;',
          transaction: false,
          firstLine: 3,
        },
        down: { file, sql: 'drop index i;', transaction: true, firstLine: 7 },
        irreversible: null,
      },
    ],
    problems: [],
    others: [],
  })
})

test('files without a number and files without a section are named', async () => {
  const { migrations, problems } = await readTexts({
    '1_a.sql': '-- +migrate Up\nselect 1;\n-- +migrate Down\nselect 1;',
    'b.sql': '-- +migrate Up\nselect 1;',
    '3_c.sql': '-- migrate up\nselect 1;',
  })
  expect([migrations.map(({ version }) => version), problems]).toEqual([
    ['1'],
    [
      { rule: 'files/no-section', file: 'm/3_c.sql', message: '3_c.sql has no line "-- +migrate Up": it is not run' },
      { rule: 'files/bad-name', file: 'm/b.sql', message: 'b.sql is not named like a migration: it is not run' },
    ],
  ])
})
