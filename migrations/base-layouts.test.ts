import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readBase } from './base.ts'
import { compareBranch } from './branch.ts'
import { readMigrations } from './layouts/read.ts'
import { migrationsSettings } from './settings.ts'

/** A git repository with `files` committed; its config stands in `project`. */
async function repository(files: Readonly<Record<string, string>>) {
  const top = await mkdtemp(join(tmpdir(), 'landfall-git-'))
  const write = async (more: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(more)) {
      const path = join(top, 'project', name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
  }
  const git = (...args: string[]): void => void execFileSync('git', ['-C', top, ...args], { stdio: 'ignore' })
  await write(files)
  git('init')
  git('add', '.')
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-m', 'base')
  const root = join(top, 'project')
  const compare = async (dir: string) => {
    const settings = migrationsSettings.parse(dir)
    const [{ head: base, fork }, head] = [await readBase(root, settings, 'HEAD'), await readMigrations(root, settings)]
    const states = { fork: fork.migrations, base: base.migrations, head: head.migrations }
    const { added, problems } = await compareBranch(states)
    return { base, head, added: [...added], problems: problems.map(({ rule, message }) => [rule, message]) }
  }
  return { write, compare, [Symbol.asyncDispose]: () => rm(top, { recursive: true, force: true }) }
}

const diesel = {
  'm/2024-01-01-000000_with a space/up.sql': 'create table a ();',
  'm/2024-01-01-000000_with a space/down.sql': 'drop table a;',
  'm/20240102000000_é/up.sql': 'vacuum;',
  'm/20240102000000_é/down.sql': 'vacuum;',
  'm/20240102000000_é/metadata.toml': 'run_in_transaction = false',
}

test.each(['m', './m/', 'm/../m'])('a base is read from git as the directory %s is read from disk', async (dir) => {
  await using repo = await repository(diesel)
  const { base, head, added, problems } = await repo.compare(dir)
  expect(base).toEqual(head)
  expect([base.layout, base.migrations.map(({ name, up }) => [name, up.transaction]), added, problems]).toEqual([
    'directory',
    [
      ['with a space', true],
      ['é', false],
    ],
    [],
    [],
  ])
})

test('a config that stands in the migrations directory itself', async () => {
  await using repo = await repository({ '0001_a.up.sql': 'select 1;', '0001_a.down.sql': 'select 1;' })
  const { base, head } = await repo.compare('.')
  expect(base.migrations).toEqual(head.migrations)
  expect(base.migrations.length).toBe(1)
})

test('an edit in a sub-directory is found, and a new directory is new', async () => {
  await using repo = await repository(diesel)
  await repo.write({
    'm/20240102000000_é/up.sql': 'vacuum full;',
    'm/2024-01-03-000000_new/up.sql': 'select 1;',
    'm/2024-01-03-000000_new/down.sql': 'select 1;',
  })
  const { added, problems } = await repo.compare('m')
  expect([added, problems]).toEqual([
    ['m/2024-01-03-000000_new/up.sql'],
    [['files/edited-after-merge', '20240102000000_é is merged, and its up script is not what it was']],
  ])
})

test('of migrations that share a version, the new one is new and the merged ones are as they were', async () => {
  await using repo = await repository({
    'm/0_a.up.sql': 'select 1;',
    'm/0_a.down.sql': 'select 1;',
    'm/0_b.up.sql': 'select 2;',
    'm/0_b.down.sql': 'select 2;',
  })
  await repo.write({ 'm/0_aa.up.sql': 'select 3;', 'm/0_aa.down.sql': 'select 3;' })
  const { added, problems } = await repo.compare('m')
  expect([added, problems]).toEqual([['m/0_aa.up.sql'], []])
})

test('a repeatable migration may change, and one is never below the head of the base', async () => {
  await using repo = await repository({
    'm/V1__a.sql': 'select 1;',
    'm/U1__a.sql': 'select 1;',
    'm/R__v.sql': 'create or replace view v as select 1;',
  })
  await repo.write({
    'm/R__v.sql': 'create or replace view v as select 2;',
    'm/R__a.sql': 'create or replace view a as select 2;',
    'm/V2__b.sql': 'select 1;',
    'm/U2__b.sql': 'select 1;',
  })
  const { added, problems } = await repo.compare('m')
  expect([added, problems]).toEqual([['m/V2__b.sql', 'm/R__a.sql'], []])
})
