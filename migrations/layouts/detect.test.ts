import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'
import type { LandfallError } from '../error.ts'
import { layoutNames, type LayoutName } from '../settings.ts'

const samples: Readonly<Record<LayoutName, Readonly<Record<string, string>>>> = {
  pair: { '0001_a.up.sql': 'select 1;', '0001_a.down.sql': 'select 1;' },
  directory: { '2024-01-01-000000_a/up.sql': 'select 1;', '2024-01-01-000000_a/down.sql': 'select 1;' },
  dbmate: { '0002_a.sql': '-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;' },
  goose: { '0003_a.sql': '-- +goose Up\n-- Up migration\nselect 1;\n-- +goose Down\nselect 1;' },
  'sql-migrate': { '0004_a.sql': '-- +migrate Up\nselect 1;\n-- +migrate Down\nselect 1;' },
  flyway: { 'V5__a.sql': 'select 1;', 'U5__a.sql': 'select 1;' },
  'node-pg-migrate': { '0006_a.sql': '-- Up Migration\nselect 1;\n-- Down Migration\nselect 1;' },
  popx: {
    '0007_a.up.sql': 'select 1;',
    '0007_a.down.sql': 'select 1;',
    '0007_a.mysql.up.sql': 'select 1;',
  },
}

test.each(layoutNames)('%s is recognised without configuration', async (name) => {
  const { layout, migrations, problems } = await readTexts(samples[name])
  const wrong = problems.filter(({ rule }) => rule !== 'files/other-dialect')
  expect([layout, migrations.length, wrong]).toEqual([name, 1, []])
})

const pairs = layoutNames.flatMap((a) => layoutNames.filter((b) => b > a).map((b) => [a, b] as const))

test.each(pairs.filter(([a, b]) => !(a === 'pair' && b === 'popx')))(
  '%s and %s in one directory are an error that names both',
  async (a, b) => {
    const error: unknown = await readTexts({ ...samples[a], ...samples[b] }).catch((thrown: unknown) => thrown)
    const { kind, code, fields } = error as LandfallError
    const candidates = (fields['candidates'] as string[]).filter((name) => name === a || name === b)
    expect([kind, code, candidates.toSorted()]).toEqual(['usage', 'migrations/mixed-layouts', [a, b].toSorted()])
  },
)

test('popx reads pairs too: it is no mixture', async () => {
  const { layout, migrations } = await readTexts({ ...samples.pair, ...samples.popx })
  expect([layout, migrations.map(({ version }) => version)]).toEqual(['popx', ['0001', '0007']])
})

test('a layout that is configured settles what is mixed: what it does not read is named', async () => {
  const { layout, migrations, problems } = await readTexts({ ...samples.pair, ...samples.goose }, { layout: 'pair' })
  expect([layout, migrations.map(({ version }) => version), problems]).toEqual([
    'pair',
    ['0001'],
    [
      {
        rule: 'files/bad-name',
        file: 'm/0003_a.sql',
        message: '0003_a.sql is not named like a migration: it is not run',
      },
    ],
  ])
})

test('the message of a mixed directory says what reads as what, and what to do', async () => {
  await expect(readTexts({ ...samples.pair, ...samples.goose })).rejects.toMatchObject({
    message:
      'the migrations directory m reads as more than one layout: pair (0001_a.down.sql and 1 more), goose (0003_a.sql)',
    next: "say which: migrations: { dir: 'm', layout: 'pair' } in the config, and list the files of another under exclude",
  })
})

const stem = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_. -]{0,11}$/)
const extension = fc.constantFrom(
  '.up.sql',
  '.down.sql',
  '.sql',
  '_up.sql',
  '.mysql.up.sql',
  '.go',
  '.md',
  '.sql.conf',
  '/up.sql',
)
const text = fc.constantFrom('', 'select 1;', '-- migrate:up\nselect 1;', '-- +goose Up\nselect 1;\n-- +goose Down\n')

test.each(layoutNames)(
  '%s accounts for every file, as a script, as a problem, or as something else',
  async (layout) => {
    const files = fc.dictionary(
      fc
        .tuple(fc.constantFrom('', '1_', '02_', 'V3__', 'U3__', 'R__', 'sub/4_'), stem, extension)
        .map((parts) => parts.join('')),
      text,
      { maxKeys: 12, noNullPrototype: true },
    )
    await fc.assert(
      fc.asyncProperty(files, async (texts) => {
        const { migrations, problems, others } = await readTexts(texts, { layout })
        const accounted = [
          ...migrations.flatMap(({ up, down }) => [up.file, ...(down ? [down.file] : [])]),
          ...problems.map(({ file }) => file),
          ...others.map(({ file }) => file),
        ]
        expect(new Set(accounted)).toEqual(new Set(Object.keys(texts).map((name) => `m/${name}`)))
      }),
    )
  },
)
