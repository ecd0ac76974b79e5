import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { readMigrations } from './layouts/read.ts'
import { newMigration } from './new-migration.ts'
import { migrateDown, migrateUp } from './runner.ts'
import { migrationsSettings, type LayoutName } from './settings.ts'

const settings = migrationsSettings.parse('sql')
const now = new Date('2026-01-02T03:04:05Z')

async function directory(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'landfall-new-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'sql', name)), { recursive: true })
    await writeFile(join(root, 'sql', name), text)
  }
  return root
}

const of = (names: readonly string[], text = 'select 1;'): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, text]))

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
  const root = await directory(of(names))
  expect(await newMigration(root, settings, 'Add users', now)).toEqual([`sql/${stem}.up.sql`, `sql/${stem}.down.sql`])
  expect((await readMigrations(root, settings)).migrations.at(-1)?.version).toBe(/\d+/.exec(stem)![0])
})

const layouts: readonly [LayoutName, Readonly<Record<string, string>>, readonly string[]][] = [
  ['pair', of(['7_a.up.sql', '7_a.down.sql']), ['8_add_users.up.sql', '8_add_users.down.sql']],
  [
    'directory',
    of(['2024-01-31-120000_a/up.sql', '20250131120000_b/up.sql', '2025-02-28-120000-0002_c/up.sql']),
    ['2026-01-02-030405_add_users/up.sql', '2026-01-02-030405_add_users/down.sql'],
  ],
  [
    'dbmate',
    of(['20240131120000_a.sql'], '-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;'),
    ['20260102030405_add_users.sql'],
  ],
  // A migration in Go has its number too.
  [
    'goose',
    of(['00009_a.sql', '00010_b.go'], '-- +goose Up\nselect 1;\n-- +goose Down\nselect 1;'),
    ['00011_add_users.sql'],
  ],
  [
    'sql-migrate',
    of(['20240131120000-a.sql'], '-- +migrate Up\nselect 1;\n-- +migrate Down\nselect 1;'),
    ['20260102030405-add_users.sql'],
  ],
  [
    'flyway',
    of(['V1.9__a.sql', 'more/V1.10__b.sql', 'R__c.sql']),
    ['more/V1.11__add_users.sql', 'more/U1.11__add_users.sql'],
  ],
  [
    'node-pg-migrate',
    of(['1700000000000_a.sql'], '-- Up Migration\nselect 1;\n-- Down Migration\nselect 1;'),
    ['1767323045000_add_users.sql'],
  ],
  [
    'popx',
    of(['20240131120000000001_a.up.sql', '20240131120000000001_a.postgres.down.sql']),
    ['20260102030405000000_add_users.up.sql', '20260102030405000000_add_users.down.sql'],
  ],
]

test('every layout is written as it is read: numbered as its neighbours, found by it, and applied both ways', async () => {
  await using db = await freshDatabase()
  for (const [layout, files, expected] of layouts) {
    for (const known of [files, {}]) {
      const root = await directory(known)
      const own = { ...settings, ...(known === files ? {} : { layout }) }
      const written = await newMigration(root, own, 'Add users', now)
      expect(written).toEqual(known === files ? expected.map((file) => `sql/${file}`) : written)
      for (const file of written) {
        const text = await readFile(join(root, file), 'utf8')
        await writeFile(
          join(root, file),
          text.replace(/^-- What.*$/m, 'create table users ();').replace(/^-- The exact.*$/m, 'drop table users;'),
        )
      }
      const set = await readMigrations(root, own)
      const migration = set.migrations.findLast(({ name }) => name === 'add_users')!
      expect([set.layout, migration.up.file, migration.down?.file]).toEqual([layout, written[0], written.at(-1)])
      expect(set.migrations.findLast(({ version }) => !version.startsWith('R'))).toBe(migration)
      const target = {
        url: db.url,
        system: `${layout} ${known === files}`,
        schema: 'public',
        migrations: [migration],
        lockWaitMs: 0,
      }
      expect((await migrateUp(target)).failed).toBeNull()
      expect((await db.sql`select to_regclass('users') is not null as made`)[0]).toEqual({ made: true })
      expect((await migrateDown(target, { count: 1 })).failed).toBeNull()
      expect((await db.sql`select to_regclass('users') is not null as made`)[0]).toEqual({ made: false })
    }
  }
})

test.for([
  ['addEmailToUsers', 'add_email_to_users'],
  ['  Größe & Préfix!  ', 'gro_e_prefix'],
  ['drop-v2-index', 'drop_v2_index'],
])('a name is made fit for a file: %s', async ([name, slug]) => {
  const root = await directory({})
  expect((await newMigration(root, settings, name!, now))[0]).toBe(`sql/0001_${slug}.up.sql`)
})

test('a name without a letter is refused; so is a file that is there, and then nothing is written', async () => {
  await expect(newMigration(await directory({}), settings, '!!', now)).rejects.toMatchObject({
    code: 'migrations/bad-name',
    kind: 'usage',
  })
  const root = await directory({ 'V1__a.sql': 'select 1;' })
  await mkdir(join(root, 'sql/U2__add_users.sql'))
  await expect(newMigration(root, { ...settings, layout: 'flyway' }, 'Add users', now)).rejects.toMatchObject({
    code: 'migrations/exists',
    kind: 'usage',
    location: { file: 'sql/U2__add_users.sql' },
  })
  await expect(readFile(join(root, 'sql/V2__add_users.sql'))).rejects.toMatchObject({ code: 'ENOENT' })
})
