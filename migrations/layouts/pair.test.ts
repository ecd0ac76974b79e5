import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

const script = (file: string, sql: string, transaction = true) => ({
  file: `m/${file}`,
  sql,
  transaction,
  firstLine: 1,
})

test('up and down files of a version and a name are one migration; versions sort as numbers, however they are written', async () => {
  const read = await readTexts({
    '100_c.up.sql': 'create table c ();',
    '100_c.down.sql': 'drop table c;',
    '2_b.up.sql': 'create table b ();',
    '2_b.down.sql': 'drop table b;',
    'V0001.Some.Name.up.sql': 'create table a ();',
    'V0001.Some.Name.down.sql': 'drop table a;',
    '20240101120000-d.up.sql': 'create table d ();',
    '20240101120000-d.down.sql': 'drop table d;',
  })
  const migration = (version: string, name: string, stem: string, table: string) => ({
    version,
    name,
    up: script(`${stem}.up.sql`, `create table ${table} ();`),
    down: script(`${stem}.down.sql`, `drop table ${table};`),
    irreversible: null,
  })
  expect(read).toEqual({
    layout: 'pair',
    migrations: [
      migration('0001', 'Some.Name', 'V0001.Some.Name', 'a'),
      migration('2', 'b', '2_b', 'b'),
      migration('100', 'c', '100_c', 'c'),
      migration('20240101120000', 'd', '20240101120000-d', 'd'),
    ],
    problems: [],
    others: [],
  })
})

test('a script runs outside a transaction when it says so, in the words of landfall or of sqlx, each direction for itself', async () => {
  const { migrations } = await readTexts({
    '1_a.up.sql': '-- landfall: no-transaction\nselect 1;',
    '1_a.down.sql': 'select 1;',
    '2_b.up.sql': 'select 1;',
    '2_b.down.sql': '-- no-transaction\nselect 1;',
    '3_c.up.sql': '-- first\n-- no-transaction\nselect 1;',
    '3_c.down.sql': 'select 1;',
  })
  expect(migrations.map(({ up, down }) => [up.transaction, down?.transaction])).toEqual([
    [false, true],
    [true, false],
    [true, true],
  ])
})

test('byte-order marks and carriage returns are not part of a script', async () => {
  const { migrations } = await readTexts({
    '1_a.up.sql': '\uFEFFselect 1;\r\nselect 2;\r\n',
    '1_a.down.sql': 'select 3;',
  })
  expect(migrations[0]!.up.sql).toBe('select 1;\nselect 2;\n')
})

test('every file that is not run is named with the reason, once', async () => {
  const { migrations, problems, others } = await readTexts(
    {
      '1_a.up.sql': 'select 1;',
      '1_a.down.sql': '',
      '2_b.up.sql': 'select 1;',
      '3_c.down.sql': 'select 1;',
      '4_d.up.sql': '-- nothing yet',
      '4_d.down.sql': '-- nothing yet',
      '5_e_up.sql': 'select 1;',
      '6_f.go': 'package f',
      'notes.txt': '',
      'old/1_a.up.sql': 'select 1;',
      'README.md': '',
      '.gitkeep': '',
      'landfall.sum': '',
      'seed.sql': '',
    },
    { exclude: ['seed.*'] },
  )
  expect(migrations.map(({ version, down }) => [version, down])).toEqual([
    ['1', null],
    ['2', null],
    ['4', null],
  ])
  expect(problems.toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
    { rule: 'files/up-without-down', file: 'm/1_a.down.sql', message: '1_a.down.sql holds no statement' },
    { rule: 'files/up-without-down', file: 'm/2_b.up.sql', message: '2_b.up.sql has no down script' },
    { rule: 'files/down-without-up', file: 'm/3_c.down.sql', message: '3_c.down.sql has no up script' },
    { rule: 'files/empty-up', file: 'm/4_d.up.sql', message: '4_d.up.sql holds no statement' },
    {
      rule: 'files/bad-name',
      file: 'm/5_e_up.sql',
      message: '5_e_up.sql is not named like a migration: it is not run; 5_e.up.sql would be',
    },
    {
      rule: 'files/skipped-file',
      file: 'm/6_f.go',
      message: '6_f.go is a migration in Go: landfall runs SQL alone, and a later script may need what it makes',
    },
    { rule: 'files/bad-name', file: 'm/notes.txt', message: 'notes.txt is not named like a migration: it is not run' },
    {
      rule: 'files/bad-name',
      file: 'm/old/1_a.up.sql',
      message: 'old/1_a.up.sql stands in a sub-directory, where no migration of this layout is: it is not run',
    },
  ])
  expect(others).toEqual([
    { file: 'm/README.md', what: 'stands beside the migrations' },
    { file: 'm/.gitkeep', what: 'stands beside the migrations' },
    { file: 'm/landfall.sum', what: 'stands beside the migrations' },
    { file: 'm/seed.sql', what: 'excluded by the config' },
    { file: 'm/4_d.down.sql', what: 'a down script without a statement' },
  ])
})

test('migrations that share a version are all read, in the order of their names, and each after the first is a finding', async () => {
  const { migrations, problems } = await readTexts({
    '0000_c.up.sql': 'select 1;',
    '0000_c.down.sql': 'select 1;',
    '0000_a.up.sql': 'select 1;',
    '0000_a.down.sql': 'select 1;',
    '0_b.up.sql': 'select 1;',
    '0_b.down.sql': 'select 1;',
  })
  expect(migrations.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(problems).toEqual([
    {
      rule: 'files/duplicate-version',
      file: 'm/0_b.up.sql',
      message: 'version 0 is taken twice: by m/0000_a.up.sql and m/0_b.up.sql',
    },
    {
      rule: 'files/duplicate-version',
      file: 'm/0000_c.up.sql',
      message: 'version 0000 is taken twice: by m/0_b.up.sql and m/0000_c.up.sql',
    },
  ])
})

test('a migration that says that it is irreversible needs no down script', async () => {
  const { migrations, problems } = await readTexts({ '1_a.up.sql': '-- landfall: irreversible labels stay\nselect 1;' })
  expect([migrations[0]!.irreversible, problems]).toEqual(['labels stay', []])
})

test('a script that is not UTF-8 is an error that names the file', async () => {
  await expect(readTexts({ '1_a.up.sql': new Uint8Array([0xff, 0xfe]) })).rejects.toMatchObject({
    code: 'migrations/not-utf8',
    message: 'm/1_a.up.sql is not UTF-8 text',
    next: 'save the file as UTF-8',
  })
})
