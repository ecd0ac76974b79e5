import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readMigrations } from './layouts/read.ts'
import { newMigration } from './new-migration.ts'
import { migrationsSettings } from './settings.ts'

const settings = migrationsSettings.parse('sql')
const now = new Date('2026-01-02T03:04:05Z')

async function directory(names: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'landfall-new-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  if (names.length > 0) await mkdir(join(root, 'sql'))
  for (const name of names) await writeFile(join(root, 'sql', name), 'select 1;')
  return root
}

test.for([
  ['a directory that is not there', [], '0001_add_users'],
  ['a padded sequence', ['0009_a.up.sql', '0010_b.up.sql'], '0011_add_users'],
  ['an unpadded sequence', ['9_a.up.sql', '10_b.up.sql'], '11_add_users'],
  ['a full width', ['999_a.up.sql'], '1000_add_users'],
  ['timestamps', ['20251231235959_a.up.sql'], '20260102030405_add_users'],
  ['timestamps of the future', ['20270101000000_a.up.sql'], '20270101000001_add_users'],
  ['seconds', ['1700000000_a.up.sql'], '1767323045_add_users'],
  ['a V and dots', ['V0001.First.up.sql', 'V0001.First.down.sql'], 'V0002.add_users'],
] as const)('numbers as %s does', async ([, names, stem]) => {
  const root = await directory(names)
  expect(await newMigration(root, settings, 'Add users', now)).toEqual({
    up: `sql/${stem}.up.sql`,
    down: `sql/${stem}.down.sql`,
  })
  expect(
    (await readdir(join(root, 'sql'))).filter((name) => !names.some((before) => before === name)).toSorted(),
  ).toEqual([`${stem}.down.sql`, `${stem}.up.sql`])
  expect((await readMigrations(root, settings)).migrations.at(-1)?.version).toBe(/\d+/.exec(stem)![0])
})

test.for([
  ['addEmailToUsers', 'add_email_to_users'],
  ['  Größe & Préfix!  ', 'gro_e_prefix'],
  ['drop-v2-index', 'drop_v2_index'],
])('a name is made fit for a file: %s', async ([name, slug]) => {
  const root = await directory([])
  expect((await newMigration(root, settings, name!, now)).up).toBe(`sql/0001_${slug}.up.sql`)
})

test('a name without a letter, and a directory of another layout, are refused', async () => {
  await expect(newMigration(await directory([]), settings, '!!', now)).rejects.toMatchObject({
    code: 'migrations/bad-name',
    kind: 'usage',
  })
  await expect(newMigration(await directory(['V1__a.sql']), settings, 'b', now)).rejects.toMatchObject({
    code: 'migrations/not-pairs',
    kind: 'usage',
  })
})
