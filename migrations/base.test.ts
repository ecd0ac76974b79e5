import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readBase } from './base.ts'
import { compareBranch } from './branch.ts'
import { readMigrations } from './layouts/read.ts'
import { migrationsSettings } from './settings.ts'

const settings = migrationsSettings.parse('db/sql')

/** A repository whose branch `main` has three merged migrations; its config lies in `app/`, a directory below the top. */
function repository(): Disposable & {
  root: string
  git(...args: string[]): void
  commit(message: string): void
  write(name: string, text: string): void
  rename(from: string, to: string): void
  remove(name: string): void
} {
  const top = mkdtempSync(join(tmpdir(), 'landfall-base-'))
  const root = join(top, 'app')
  const path = (name: string): string => join(root, 'db/sql', name)
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-C', top, ...args], {
      stdio: 'pipe',
    })
  const write = (name: string, text: string): void => writeFileSync(path(name), text)
  mkdirSync(join(root, 'db/sql'), { recursive: true })
  for (const version of ['0001', '0002', '0004']) {
    write(`${version}_made.up.sql`, `create table t${version} (\n  n int\n);\n`)
    write(`${version}_made.down.sql`, `drop table t${version};\n`)
  }
  const commit = (message: string): void => {
    git('add', '.')
    git('commit', '-q', '-m', message)
  }
  git('init', '-q', '-b', 'main')
  commit('merged')
  return {
    git,
    commit,
    root,
    write,
    rename: (from, to) => renameSync(path(from), path(to)),
    remove: (name) => rmSync(path(name)),
    [Symbol.dispose]: () => rmSync(top, { recursive: true }),
  }
}

async function compared(root: string): Promise<{ added: string[]; problems: string[][] }> {
  const { head: base, fork } = await readBase(root, settings, 'main')
  const head = (await readMigrations(root, settings)).migrations
  const { added, problems } = await compareBranch({ fork: fork.migrations, base: base.migrations, head })
  return { added: [...added], problems: problems.map(({ rule, file }) => [rule, file]) }
}

test('a branch that only adds has nothing against it, and exactly what it adds is new', async () => {
  using repo = repository()
  expect(await compared(repo.root)).toEqual({ added: [], problems: [] })
  repo.write('0005_more.up.sql', 'select 1;')
  repo.write('0005_more.down.sql', 'select 1;')
  repo.write('0006_more.up.sql', 'select 1;')
  expect(await compared(repo.root)).toEqual({
    added: ['db/sql/0005_more.up.sql', 'db/sql/0006_more.up.sql'],
    problems: [],
  })
})

test('line ends and a byte-order mark are no change', async () => {
  using repo = repository()
  repo.write('0001_made.up.sql', '\uFEFFcreate table t0001 (\r\n  n int\r\n);\r\n')
  expect(await compared(repo.root)).toEqual({ added: [], problems: [] })
})

test('what is merged may not be edited, deleted or renamed, and nothing comes before it; a down alone is said', async () => {
  using repo = repository()
  repo.write('0001_made.up.sql', 'create table t0001 (n bigint);\n')
  repo.write('0002_made.down.sql', 'drop table if exists t0002;\n')
  repo.rename('0004_made.up.sql', '0004_done.up.sql')
  repo.rename('0004_made.down.sql', '0004_done.down.sql')
  repo.write('0003_between.up.sql', 'select 1;')
  expect(await compared(repo.root)).toEqual({
    added: ['db/sql/0003_between.up.sql'],
    problems: [
      ['files/edited-after-merge', 'db/sql/0001_made.up.sql'],
      ['files/down-edited-after-merge', 'db/sql/0002_made.down.sql'],
      ['files/inserted-before-base-head', 'db/sql/0003_between.up.sql'],
      ['files/renamed-after-merge', 'db/sql/0004_done.up.sql'],
    ],
  })
})

test('a deleted migration is named; the same text under another version was moved', async () => {
  using repo = repository()
  repo.remove('0002_made.up.sql')
  repo.remove('0002_made.down.sql')
  repo.rename('0004_made.up.sql', '0007_made.up.sql')
  repo.rename('0004_made.down.sql', '0007_made.down.sql')
  expect((await compared(repo.root)).problems).toEqual([
    ['files/deleted-after-merge', 'db/sql/0002_made.up.sql'],
    ['files/renamed-after-merge', 'db/sql/0007_made.up.sql'],
  ])
})

test('an unknown ref, an option in its place, and a place without a repository are usage errors', async () => {
  using repo = repository()
  for (const ref of ['no-such-branch', '--all', ''])
    await expect(readBase(repo.root, settings, ref)).rejects.toMatchObject({ kind: 'usage', code: 'base/unknown' })
  await expect(readBase(tmpdir(), settings, 'main')).rejects.toMatchObject({ kind: 'usage', code: 'base/unknown' })
})

test('a base that had no migrations yet makes all of them new', async () => {
  using repo = repository()
  const elsewhere = migrationsSettings.parse('db/other')
  expect((await readBase(repo.root, elsewhere, 'main')).head.migrations).toEqual([])
})

test('what the base gained since the branch began is not missing from it, and what both touch is named', async () => {
  using repo = repository()
  repo.git('checkout', '-q', '-b', 'feature')
  repo.write('0006_extra.up.sql', 'alter table t0001 add column extra int;\n')
  repo.write('0006_extra.down.sql', 'alter table t0001 drop column extra;\n')
  repo.write('0005_mine.up.sql', 'create table mine ();\n')
  repo.write('0005_mine.down.sql', 'drop table mine;\n')
  repo.commit('feature')
  repo.git('checkout', '-q', 'main')
  repo.write('0005_other.up.sql', 'create index t0001_n on t0001 (n);\n')
  repo.write('0005_other.down.sql', 'drop index t0001_n;\n')
  repo.commit('other')
  repo.git('checkout', '-q', 'feature')
  expect(await compared(repo.root)).toEqual({
    added: ['db/sql/0005_mine.up.sql', 'db/sql/0006_extra.up.sql'],
    problems: [
      ['files/duplicate-version', 'db/sql/0005_mine.up.sql'],
      ['files/same-object-on-both-branches', 'db/sql/0006_extra.up.sql'],
    ],
  })
  repo.git('-c', 'core.editor=true', 'merge', '-q', 'main')
  expect((await compared(repo.root)).added).toEqual(['db/sql/0005_mine.up.sql', 'db/sql/0006_extra.up.sql'])
})

test('merged migrations run before those of the branch, as they do in production', async () => {
  using repo = repository()
  repo.git('checkout', '-q', '-b', 'feature')
  repo.write('0003_late.up.sql', 'select 1;')
  const { head: base, fork } = await readBase(repo.root, settings, 'main')
  const head = (await readMigrations(repo.root, settings)).migrations
  const { production } = await compareBranch({ fork: fork.migrations, base: base.migrations, head })
  expect(production.map(({ version }) => version)).toEqual(['0001', '0002', '0004', '0003'])
})
