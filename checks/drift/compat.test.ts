import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { domainProject } from '../../fixtures/drift.ts'
import { configOf, projectOf } from '../../fixtures/project.ts'
import { readCatalog } from '../../migrations/catalog/read.ts'
import { relationsOf } from '../../migrations/catalog/relations.ts'
import { domainSettings } from '../settings.ts'
import { compareCompat, type Side } from './compat.ts'
import { extractTypes } from './extract.ts'

/** A table, its interface, and what a branch makes of both. */
interface Case {
  readonly table: string
  readonly before: string
  readonly change: string
  readonly code: string
  readonly after?: string
}

// Each is a table of its own: `$` stands for its name, and for that of its interface.
const CASES: Readonly<Record<string, Case>> = {
  Dropped: {
    table: 'id int primary key, note text',
    before: 'id: number; note: string | null',
    change: 'alter table $ drop column note',
    code: 'id: number',
  },
  Renamed: {
    table: 'id int primary key, title text not null',
    before: 'id: number; title: string',
    change: 'alter table $ rename title to headline',
    code: 'id: number; headline: string',
  },
  Gone: { table: 'id int primary key', before: 'id: number', change: 'drop table $', code: '' },
  Required: {
    table: 'id int primary key',
    before: 'id: number',
    change: 'alter table $ add column owner text not null',
    code: 'id: number; owner: string',
  },
  Tightened: {
    table: 'id int primary key, memo text',
    before: 'id: number; memo: string | null',
    change: 'alter table $ alter column memo set not null',
    code: 'id: number; memo: string',
  },
  Listed: {
    table: "id int primary key, state text not null check (state in ('a', 'b'))",
    before: "id: number; state: 'a' | 'b'",
    change:
      "alter table $ drop constraint $_state_check, add constraint $_state_check check (state in ('a', 'b', 'c'))",
    code: "id: number; state: 'a' | 'b' | 'c'",
  },
  Narrowed: {
    table: "id int primary key, state text not null check (state in ('a', 'b'))",
    before: "id: number; state: 'a' | 'b'",
    change: "alter table $ drop constraint $_state_check, add constraint $_state_check check (state in ('a'))",
    code: "id: number; state: 'a'",
  },
  Retyped: {
    table: 'id int primary key, amount int not null',
    before: 'id: number; amount: number',
    change: 'alter table $ alter column amount type bigint',
    code: 'id: number; amount: string',
  },
  Felt: {
    table:
      "id int primary key, mood text not null); create type feel as enum ('a', 'b'); alter table felt alter mood type feel using mood::feel; --",
    before: "id: number; mood: 'a' | 'b'",
    change: "alter type feel add value 'c'",
    code: "id: number; mood: 'a' | 'b' | 'c'",
  },
  Undefaulted: {
    table: "id int primary key, state text not null default 'a'",
    before: 'id: number; state?: string',
    change: 'alter table $ alter column state drop default',
    code: 'id: number; state: string',
  },
  // What the old code neither reads nor writes is nobody's.
  Unread: {
    table: 'id int primary key, secret text',
    before: 'id: number',
    change: 'alter table $ drop column secret',
    code: 'id: number',
  },
  Moved: {
    table: 'id int primary key, at timestamptz not null default now()',
    before: 'id: number; at: Date',
    change: 'alter table $ rename to $_rows; create view $ as select id, at from $_rows',
    code: 'id: number; at: Date',
  },
  Renumbered: {
    table: 'id int primary key, amount int not null',
    before: 'id: number; amount: number',
    change: 'alter table $ alter column amount type double precision',
    code: 'id: number; amount: number',
  },
  // Expand, move over, contract: each a branch of its own, and none of them a finding.
  Expanded: {
    table: 'id int primary key',
    before: 'id: number',
    change: "alter table $ add column a text, add column b text not null default ''",
    code: 'id: number; a: string | null; b: string',
  },
  Contracted: {
    table: 'id int primary key, old text',
    before: 'id: number',
    change: 'alter table $ drop column old',
    code: 'id: number',
  },
  Widened: {
    table: 'id int primary key, code varchar(4) not null',
    before: 'id: number; code: string',
    change: 'alter table $ alter column code type text, add check (code <> chr(1))',
    code: 'id: number; code: string',
  },
  Prepared: {
    table: "id int primary key, state text not null check (state in ('a'))",
    before: "id: number; state: 'a' | 'b'",
    change: "alter table $ drop constraint $_state_check, add constraint $_state_check check (state in ('a', 'b'))",
    code: "id: number; state: 'a' | 'b'",
  },
  Backfilled: {
    table: 'id int primary key, owner text',
    before: 'id: number; owner: string',
    change: 'alter table $ alter column owner set not null',
    code: 'id: number; owner: string',
  },
}

const domain = (of: (one: Case) => string): string =>
  Object.entries(CASES)
    .map(([name, one]) => (of(one) === '' ? '' : `export interface ${name} { ${of(one)} }\n`))
    .join('')

test('a rolling deploy: what would break is told, and expand, move over, contract is not', async () => {
  await using db = await freshDatabase()
  await using project = await domainProject({
    'old.ts': domain(({ before }) => before),
    'new.ts': domain(({ code }) => code),
  })
  const settings = domainSettings.parse({
    files: 'old.ts',
    types: Object.fromEntries(Object.keys(CASES).map((name) => [name, name.toLowerCase()])),
  })
  const side = async (file: string, statement: (one: Case, table: string) => string): Promise<Side> => {
    for (const [name, one] of Object.entries(CASES)) await db.sql.unsafe(statement(one, name.toLowerCase()))
    const model = await extractTypes({ root: project.root, files: file })
    return { model, relations: relationsOf(await readCatalog(db.sql)) }
  }
  const base = await side('old.ts', ({ table }, name) => `create table ${name} (${table})`)
  const head = await side('new.ts', ({ change }, name) => change.replaceAll('$', name))
  const found = await compareCompat({ base, head, schema: 'public', settings })
  expect(found.map(({ rule, object, type, property }) => [rule, object, type, property])).toEqual([
    ['compat/column-dropped', 'public.dropped.note', 'Dropped', 'note'],
    ['compat/column-dropped', 'public.renamed.title', 'Renamed', 'title'],
    ['compat/table-dropped', 'public.gone', 'Gone', null],
    ['compat/insert-misses-column', 'public.required.owner', 'Required', null],
    ['compat/insert-misses-column', 'public.tightened.memo', 'Tightened', 'memo'],
    ['compat/value-unknown', 'public.listed.state', 'Listed', 'state'],
    ['compat/value-refused', 'public.narrowed.state', 'Narrowed', 'state'],
    ['compat/type-changed', 'public.retyped.amount', 'Retyped', 'amount'],
    ['compat/value-unknown', 'public.felt.mood', 'Felt', 'mood'],
    ['compat/insert-misses-column', 'public.undefaulted.state', 'Undefaulted', 'state'],
    ['compat/no-safe-order', 'public.renamed.headline', 'Renamed', 'headline'],
    ['compat/no-safe-order', 'public.required.owner', 'Required', 'owner'],
    ['compat/no-safe-order', 'public.listed.state', 'Listed', 'state'],
    ['compat/no-safe-order', 'public.narrowed.state', 'Narrowed', 'state'],
    ['compat/no-safe-order', 'public.retyped.amount', 'Retyped', 'amount'],
    ['compat/no-safe-order', 'public.felt.mood', 'Felt', 'mood'],
  ])
  expect(found[1]!.message).toBe(
    'the code before this branch: Renamed.title is public.renamed.title, which is called headline there',
  )
})

test('the base comes from git: both ends of a break, and the reason when nothing is asked', async () => {
  await using project = await projectOf({
    '.gitignore': 'node_modules\nreport.json\n',
    'app/landfall.config.ts': configOf({ migrations: 'sql', domain: 'domain.ts' }),
    'app/sql/0001_users.up.sql': 'create table users (\n  id text primary key,\n  name text not null\n);\n',
    'app/sql/0001_users.down.sql': 'drop table users;\n',
    'shared/named.ts': 'export interface Named { name: string }\n',
    'app/domain.ts':
      "import type { Named } from '../shared/named'\n\nexport interface User extends Named {\n  id: string\n}\n",
  })
  const git = (...args: string[]): void => {
    const { status, stderr } = spawnSync(
      'git',
      ['-C', project.root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(stderr)
  }
  git('init', '-qb', 'main')
  git('add', '-A')
  git('commit', '-qm', 'base')
  const run = { cwd: `${project.root}/app` }
  const drift = ['drift', '--base', 'main', '--report', `json=${project.root}/report.json`]
  const unchanged = await project.landfall(drift, run)
  const skipped = (await project.report()).checks.find(({ check }) => check === 'compat')
  expect([unchanged.code, skipped?.state, skipped?.errors[0]?.message]).toEqual([
    0,
    'skip',
    'the branch adds no migration',
  ])

  await project.write({
    'app/sql/0002_full_name.up.sql': '-- clearer\nalter table users\n  rename column name to full_name;\n',
    'app/sql/0002_full_name.down.sql': 'alter table users rename column full_name to name;\n',
    'shared/named.ts': '/** A person. */\nexport interface Named {\n  fullName: string\n}\n',
  })
  const { code } = await project.landfall(drift, run)
  const { findings } = await project.report()
  expect(code).toBe(1)
  expect(
    findings.map(({ rule, object, location, other, isNew }) => [
      rule,
      object,
      location?.file,
      location?.line,
      other?.file,
      other?.line,
      isNew,
    ]),
  ).toEqual([
    ['compat/column-dropped', 'public.users.name', 'sql/0002_full_name.up.sql', 2, 'domain.ts', 3, true],
    ['compat/no-safe-order', 'public.users.full_name', 'sql/0002_full_name.up.sql', 2, '../shared/named.ts', 3, true],
  ])
})
