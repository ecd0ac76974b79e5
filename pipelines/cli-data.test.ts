import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { soundProject } from '../fixtures/project.ts'
import type { Report } from './report/report.ts'

const findings = (report: Report): unknown[] =>
  report.findings.map(({ rule, severity, object, location, message }) => [
    rule,
    severity,
    object,
    `${location?.file}:${location?.line}`,
    message,
  ])
const kept = (report: Report): unknown[] => report.systems[0]!.migrations.map(({ dataPreserved }) => dataPreserved)

const lossy = (version: string, column: string): Record<string, string> => ({
  [`sql/${version}_drop.up.sql`]: `alter table users drop column ${column};\n`,
  [`sql/${version}_drop.down.sql`]: `-- back\nalter table users\n  add column ${column} text;\n`,
})
const unique = (version: string, column: string): Record<string, string> => ({
  [`sql/${version}_unique.up.sql`]: `\ncreate unique index u${version} on users (${column});\n`,
  [`sql/${version}_unique.down.sql`]: `drop index u${version};\n`,
})
const duplicated = (version: string, column: string): string =>
  `${version}_unique fails on rows that the constraints before it allow: could not create unique index "u${version}" (Key (${column})=(Grüße, world) is duplicated.)`

test('with a base, rows go through what the branch adds; with --all, through everything', async () => {
  await using project = await soundProject({
    'sql/0002_more.up.sql':
      'alter table users add column mail text, add column city text, add column phone text;\ncreate table notes (id int primary key, title text not null);\n',
    'sql/0002_more.down.sql':
      'drop table notes;\nalter table users drop column mail, drop column phone, drop column city;\n',
    ...lossy('0003', 'phone'),
    ...unique('0004', 'name'),
  })
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-C', project.root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args])
  git('init', '-q')
  git('add', 'sql')
  git('commit', '-qm', 'base')
  await project.write({
    ...lossy('0005', 'city'),
    ...unique('0006', 'mail'),
    'sql/0007_required.up.sql': 'alter table users\n  add column age int not null;\n',
    'sql/0007_required.down.sql': 'alter table users drop column age;\n',
    'sql/0008_drop.up.sql': 'alter table notes drop column title;\n',
    'sql/0008_drop.down.sql': '\nalter table notes add column title text not null;\n',
  })
  const lost = (version: string, column: string): unknown[] => [
    'reversible/loses-data',
    'error',
    `public.users.${column}`,
    `sql/${version}_drop.down.sql:3`,
    `after up and down of ${version}_drop public.users.${column} is not the same in 4 rows (id Grüße, world: 'Grüße, world' became null)`,
  ]
  const added = [
    ['replay/needs-empty-tables', 'error', null, 'sql/0006_unique.up.sql:2', duplicated('0006', 'mail')],
    [
      'replay/needs-empty-tables',
      'error',
      null,
      'sql/0007_required.up.sql:1',
      '0007_required fails as soon as there are rows: column "age" of relation "users" contains null values',
    ],
    lost('0005', 'city'),
    [
      'reversible/down-fails',
      'error',
      null,
      'sql/0008_drop.down.sql:2',
      'the down script of 0008_drop fails as soon as there are rows: column "title" of relation "notes" contains null values',
    ],
  ]
  const ofBranch = await project.reported(['gate', '--base', 'HEAD'])
  expect(findings(ofBranch.report)).toEqual(added)
  expect([ofBranch.code, kept(ofBranch.report)]).toEqual([1, [null, null, null, null, false, true, null, false]])

  const ofAll = await project.reported(['gate', '--base', 'HEAD', '--all'])
  expect(new Set(findings(ofAll.report))).toEqual(
    new Set([
      ...added,
      ['replay/needs-empty-tables', 'warning', null, 'sql/0004_unique.up.sql:2', duplicated('0004', 'name')],
      lost('0003', 'phone'),
    ]),
  )
  expect([ofAll.code, kept(ofAll.report)]).toEqual([1, [true, true, false, true, false, true, null, false]])
})
