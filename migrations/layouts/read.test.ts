import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import { proveSystem } from '../prove.ts'
import { migrationsSettings, type MigrationsSettings } from '../settings.ts'
import { readMigrations } from './read.ts'

async function project(files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'landfall-layout-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

/** Reads a directory from disk with nothing but its path, and proves what it holds. */
async function prove(files: Readonly<Record<string, string>>, settings: MigrationsSettings) {
  await using at = await project(files)
  await using databases = await testDatabases()
  const { layout, migrations } = await readMigrations(at.root, settings)
  const { proofs } = await proveSystem({ databases, migrations, schema: 'public', prelude: null, root: at.root })
  return {
    layout,
    proofs: proofs.map(({ migration, state, upFailure, downFailure }) => {
      const failure = upFailure ?? downFailure
      return failure
        ? [migration.version, state, failure.message, failure.location.file, failure.location.line]
        : [migration.version, state]
    }),
  }
}

const dir = migrationsSettings.parse('m')

test('diesel’s directories are proven, outside a transaction where they ask for it', async () => {
  const files = {
    'm/2024-01-01-000000_a table/up.sql': 'create table a (n int);',
    'm/2024-01-01-000000_a table/down.sql': 'drop table a;',
    'm/20240102000000_index/up.sql': 'create index concurrently a_n on a (n);',
    'm/20240102000000_index/down.sql': 'drop index concurrently a_n;',
    'm/20240102000000_index/metadata.toml': 'run_in_transaction = false\n',
  }
  expect(await prove(files, dir)).toEqual({
    layout: 'directory',
    proofs: [
      ['20240101000000', 'proven'],
      ['20240102000000', 'proven'],
    ],
  })
})

test('a failure in a down section has its line in the file', async () => {
  const files = {
    'm/1_a.sql': '-- migrate:up\ncreate table a ();\n\n-- migrate:down\n\ndrop table b;\n',
    'm/2_b.sql': '-- migrate:up\ncreate table b ();\n-- migrate:down\nselect 1;\ndorp table b;\n',
  }
  expect(await prove(files, dir)).toEqual({
    layout: 'dbmate',
    proofs: [
      ['1', 'failed', 'table "b" does not exist', 'm/1_a.sql', 6],
      ['2', 'failed', 'syntax error at or near "dorp"', 'm/2_b.sql', 5],
    ],
  })
})

test('goose’s functions and Flyway’s repeatables run as their tools run them', async () => {
  const goose = {
    'm/00001_f.sql': [
      '-- +goose Up',
      '-- +goose StatementBegin',
      'create function f() returns int as $$ begin return 1; end $$ language plpgsql',
      '-- +goose StatementEnd',
      '-- +goose StatementBegin',
      'create view v as select f()',
      '-- +goose StatementEnd',
      '-- +goose Down',
      'drop view v;',
      'drop function f();',
    ].join('\n'),
  }
  const flyway = {
    'm/V1.9__a.sql': 'create table a ();',
    'm/U1.9__a.sql': 'drop table a;',
    'm/V1.10__b.sql': 'alter table a add x int;',
    'm/U1.10__b.sql': 'alter table a drop x;',
    'm/R__v.sql': 'create or replace view v as select x from a;',
  }
  expect([await prove(goose, dir), await prove(flyway, dir)]).toEqual([
    { layout: 'goose', proofs: [['00001', 'proven']] },
    {
      layout: 'flyway',
      proofs: [
        ['1.9', 'proven'],
        ['1.10', 'proven'],
        ['R__v', 'irreversible'],
      ],
    },
  ])
})

test('a directory that is missing, empty or holds no migration is an error that says so', async () => {
  await using at = await project({ 'empty/.gitkeep': '', 'wrong/0001_a_up.sql': 'select 1;' })
  const read = (path: string) => readMigrations(at.root, migrationsSettings.parse(path))
  await expect(read('gone')).rejects.toMatchObject({ message: 'there is no migrations directory gone' })
  await expect(read('empty')).rejects.toMatchObject({ message: 'the migrations directory empty is empty' })
  await expect(read('wrong')).rejects.toMatchObject({
    kind: 'usage',
    message:
      'the migrations directory wrong holds no migration (0001_a_up.sql is not named like a migration: it is not run; 0001_a.up.sql would be)',
  })
})
