import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

test('each direction keeps its own lines and says for itself whether it runs in a transaction', async () => {
  const text = [
    '-- what it is for',
    '-- migrate:up transaction:false',
    'create index concurrently i',
    '  on t (c);',
    '',
    '-- migrate:down',
    'drop index i;',
    '',
  ].join('\n')
  expect(await readTexts({ '20240101000000_index_t.sql': text })).toEqual({
    layout: 'dbmate',
    migrations: [
      {
        version: '20240101000000',
        name: 'index_t',
        up: {
          file: 'm/20240101000000_index_t.sql',
          sql: 'create index concurrently i\n  on t (c);\n',
          transaction: false,
          firstLine: 3,
        },
        down: { file: 'm/20240101000000_index_t.sql', sql: 'drop index i;\n', transaction: true, firstLine: 7 },
        irreversible: null,
      },
    ],
    problems: [],
    others: [],
  })
})

test('sections may repeat, and come in any order: every statement keeps its line', async () => {
  const text = '-- migrate:down\nd1;\n-- migrate:up\nu1;\n--migrate:down transaction:false\nd2;\n-- migrate:up\nu2;'
  const { migrations } = await readTexts({ '1_a.sql': text })
  const file = 'm/1_a.sql'
  expect(migrations).toEqual([
    {
      version: '1',
      name: 'a',
      up: { file, sql: 'u1;\n\n\n\nu2;', transaction: true, firstLine: 4 },
      down: { file, sql: 'd1;\n\n\n\nd2;', transaction: false, firstLine: 2 },
      irreversible: null,
    },
  ])
})

test('landfall’s own directives count in the first lines of the file and of each section', async () => {
  const { migrations, problems } = await readTexts({
    '1_a.sql': '-- landfall: irreversible labels stay\n-- migrate:up\nselect 1;\n-- migrate:down\n',
    '2_b.sql': '-- migrate:up\n-- landfall: irreversible rows are gone\nselect 1;',
    '3_c.sql': '-- migrate:up\nselect 1;\n-- migrate:down\n-- landfall: no-transaction\nselect 1;',
    '4_d.sql': '-- landfall: no-transaction\n-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;',
  })
  expect(migrations.map(({ irreversible, up, down }) => [irreversible, up.transaction, down?.transaction])).toEqual([
    ['labels stay', true, undefined],
    ['rows are gone', true, undefined],
    [null, true, false],
    [null, false, false],
  ])
  expect(problems).toEqual([])
})

test('a directive that nobody knows is an error at its line of the file', async () => {
  const text = '-- migrate:up\nselect 1;\n-- migrate:down\n-- landfall: careful\nselect 1;'
  await expect(readTexts({ '1_a.sql': text })).rejects.toMatchObject({
    message: 'm/1_a.sql:4: "-- landfall: careful" is no directive',
    location: { file: 'm/1_a.sql', line: 4, column: 1 },
  })
})

test('a missing, an empty or a misplaced section is named with its line', async () => {
  const { migrations, problems } = await readTexts({
    '1_a.sql': '-- migrate:up\nselect 1;\n-- migrate:down\n-- nothing\n',
    '2_b.sql': '-- migrate:up\nselect 1;',
    '3_c.sql': 'select 1;',
    '4_d.sql': 'select 0;\n-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;',
    '5_e.sql': '-- migrate:down\nselect 1;',
    '6_f.sql': '\n-- migrate:up\n\n-- migrate:down\nselect 1;',
  })
  expect(migrations.map(({ version, down }) => [version, down?.firstLine])).toEqual([
    ['1', undefined],
    ['2', undefined],
    ['4', 5],
    ['6', 5],
  ])
  expect(problems).toEqual([
    { rule: 'files/no-section', file: 'm/3_c.sql', message: '3_c.sql has no line "-- migrate:up": it is not run' },
    {
      rule: 'files/outside-section',
      file: 'm/4_d.sql',
      message: '4_d.sql has a statement above its first section: it is never run; move it below "-- migrate:up"',
    },
    {
      rule: 'files/up-without-down',
      file: 'm/1_a.sql',
      line: 4,
      message: 'the down section of 1_a.sql holds no statement',
    },
    { rule: 'files/up-without-down', file: 'm/2_b.sql', message: '2_b.sql has no down script' },
    { rule: 'files/down-without-up', file: 'm/5_e.sql', message: 'the down section of 5_e.sql has no up script' },
    { rule: 'files/empty-up', file: 'm/6_f.sql', line: 3, message: 'the up section of 6_f.sql holds no statement' },
  ])
})
