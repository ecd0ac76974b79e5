import { expect, test } from 'vitest'
import { readDirectory, type MigrationSet } from './read.ts'
import { migrationsSettings } from '../settings.ts'

const read = (files: Record<string, string | Uint8Array>, settings: object = {}): Promise<MigrationSet> =>
  readDirectory(
    {
      path: 'sql',
      files: Object.keys(files),
      read: async (file) => (typeof files[file] === 'string' ? Buffer.from(files[file]) : files[file]!),
    },
    migrationsSettings.parse({ dir: 'sql', ...settings }),
  )

const pair = (stem: string, up = 'select 1;', down = 'select 1;'): Record<string, string> => ({
  [`${stem}.up.sql`]: up,
  [`${stem}.down.sql`]: down,
})

test('versions sort as numbers: padded or not, timestamps, V prefix, dots and dashes', async () => {
  const { migrations, problems } = await read({
    ...pair('20240101120000_stamp'),
    ...pair('V0003.Name.With.Dots'),
    ...pair('10-ten'),
    ...pair('9_nine'),
  })
  expect(migrations.map(({ version, name }) => [version, name])).toEqual([
    ['0003', 'Name.With.Dots'],
    ['9', 'nine'],
    ['10', 'ten'],
    ['20240101120000', 'stamp'],
  ])
  expect(problems).toEqual([])
})

test('a migration is its two texts, byte-order mark and line ends put right', async () => {
  const { migrations } = await read(pair('1_a', '\uFEFF-- landfall: no-transaction\r\nselect 1;\r\n', 'select 2;'))
  expect(migrations).toEqual([
    {
      version: '1',
      name: 'a',
      up: { file: 'sql/1_a.up.sql', sql: '-- landfall: no-transaction\nselect 1;\n', transaction: false, firstLine: 1 },
      down: { file: 'sql/1_a.down.sql', sql: 'select 2;', transaction: true, firstLine: 1 },
      irreversible: null,
    },
  ])
})

test('every file that is no migration is named with what is wrong with it', async () => {
  const { migrations, problems } = await read({
    '1_no_down.up.sql': 'select 1;',
    ...pair('2_empty_down', 'select 1;', '-- nothing\n'),
    '3_no_up.down.sql': 'select 1;',
    ...pair('4_empty_up', '-- nothing\n'),
    '5_gone.up.sql': '-- landfall: irreversible gone\nselect 1;',
    ...pair('6_one'),
    ...pair('006_other'),
    'seed.sql': 'select 1;',
    'sub/': '',
    'README.md': '',
    '.gitkeep': '',
    'landfall.sum': '',
  })
  expect(migrations.map(({ version }) => version)).toEqual(['1', '2', '4', '5', '006', '6'])
  expect(problems.map(({ rule, file }) => `${rule} ${file}`).toSorted()).toEqual([
    'files/bad-name sql/seed.sql',
    'files/bad-name sql/sub/',
    'files/down-without-up sql/3_no_up.down.sql',
    'files/duplicate-version sql/6_one.up.sql',
    'files/empty-up sql/4_empty_up.up.sql',
    'files/up-without-down sql/1_no_down.up.sql',
    'files/up-without-down sql/2_empty_down.down.sql',
  ])
})

test('what is excluded is not looked at', async () => {
  const { migrations, problems } = await read(
    { ...pair('1_a'), ...pair('2_old'), 'seed.sql': '' },
    { exclude: ['*_old.*', 'seed.sql'] },
  )
  expect([migrations.map(({ name }) => name), problems]).toEqual([['a'], []])
})

test('a file that is no UTF-8 is an error that names it', async () => {
  await expect(read({ '1_a.up.sql': Uint8Array.of(0x73, 0xff, 0xfe) })).rejects.toMatchObject({
    kind: 'usage',
    code: 'migrations/not-utf8',
    location: { file: 'sql/1_a.up.sql' },
  })
})
