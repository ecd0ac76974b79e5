import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf, projectOf, sound, soundProject, type Project } from '../fixtures/project.ts'
import type { Report } from './report/report.ts'

const summary = ({ findings }: Report): (string | number | null | undefined)[][] =>
  findings.map(({ system, rule, severity, location }) => [system, rule, severity, location?.file, location?.line])

const migration = (system: string, up: string, down: string | null): Record<string, string> => ({
  [`${system}/0001_first.up.sql`]: up,
  ...(down === null ? {} : { [`${system}/0001_first.down.sql`]: down }),
})

const tsconfig = JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext' } })

test('everything that can be wrong with a migration is a finding at the line that caused it, and exit 1', async () => {
  const table = 'create table a (\n  id int primary key,\n  n text\n);\n'
  const systems = ['fails', 'syntax', 'down-syntax', 'leaves', 'down-fails', 'no-down', 'empty-down', 'irreversible']
  await using project = await projectOf({
    'landfall.config.ts': configOf({
      systems: Object.fromEntries(systems.map((name) => [name, { migrations: name }])),
    }),
    ...migration('fails', `${table}\n-- ünïcode\nalter table a\n  add column m no_such_type;\n`, 'drop table a;'),
    'fails/0002_second.up.sql': 'select 1;',
    'fails/0002_second.down.sql': 'select 1;',
    ...migration('syntax', `${table}craete table b ();\n`, 'drop table a;'),
    ...migration('down-syntax', table, '-- back\ndorp table a;\n'),
    ...migration('leaves', `${table}create index a_n on a (n);\ncreate table b ();\n`, '-- back\ndrop table a;\n'),
    ...migration('down-fails', table, '\ndrop table c;\n'),
    ...migration('no-down', table, null),
    ...migration('empty-down', table, '-- nothing\n'),
    ...migration('irreversible', `-- landfall: irreversible the data is gone\n${table}`, null),
  })
  const { code, report } = await project.reported(['gate'])
  expect([code, report.exitCode, report.verdict]).toEqual([1, 1, 'fail'])
  expect(summary(report).map(String).toSorted()).toEqual(
    [
      ['down-fails', 'reversible/down-fails', 'error', 'down-fails/0001_first.down.sql', 2],
      ['down-syntax', 'lint/syntax-error', 'error', 'down-syntax/0001_first.down.sql', 2],
      ['empty-down', 'files/up-without-down', 'error', 'empty-down/0001_first.down.sql', 1],
      ['fails', 'replay/fails', 'error', 'fails/0001_first.up.sql', 8],
      ['leaves', 'reversible/down-not-inverse', 'error', 'leaves/0001_first.down.sql', 2],
      ['no-down', 'files/up-without-down', 'error', 'no-down/0001_first.up.sql', 1],
      ['syntax', 'replay/fails', 'error', 'syntax/0001_first.up.sql', 5],
    ].map(String),
  )
  const states = report.systems.map(({ name, migrations }) => [
    name,
    ...migrations.map(({ state, reversible }) => `${state} ${reversible}`),
  ])
  expect(states).toEqual([
    ['fails', 'failed null', 'skipped null'],
    ['syntax', 'failed null'],
    ['down-syntax', 'failed false'],
    ['leaves', 'failed false'],
    ['down-fails', 'failed false'],
    ['no-down', 'skipped null'],
    ['empty-down', 'skipped null'],
    ['irreversible', 'irreversible null'],
  ])
  const { message, fix } = report.findings.find(({ rule }) => rule === 'reversible/down-not-inverse')!
  expect(message).toBe('after the down script of 0001_first table public.b is left behind')
  expect(fix).toEqual({ typescript: null, sql: 'drop table public.b;' })
})

test('a failed up stops its system alone: what would need it is skipped, and is no further cause', async () => {
  await using project = await soundProject({
    'landfall.config.ts': configOf({ migrations: 'sql', domain: 'domain.ts', backfills: 'jobs/*.ts' }),
    'sql/0002_bad.up.sql': 'alter table users add column email no_such_type;',
    'sql/0002_bad.down.sql': 'alter table users drop column email;',
    'domain.ts': 'export interface User { id: string; name: string; email: string }\n',
    'tsconfig.json': tsconfig,
    'jobs/users.ts': job,
    'users.json': JSON.stringify([{ id: '1', name: 'Ada', email: 'a@b.c' }]),
  })
  const { code, report } = await project.reported(['gate'])
  expect(code).toBe(1)
  expect(summary(report)).toEqual([['app', 'replay/fails', 'error', 'sql/0002_bad.up.sql', 1]])
  expect([...new Set(report.checks.map(({ check, state }) => `${check} ${state}`))]).toEqual([
    'files pass',
    'replay fail',
    'replay pass',
    'reversible pass',
    'drift skip',
    'compat skip',
    'backfill skip',
    'rls skip',
    'portable skip',
    'parity skip',
  ])
})

test('drift and a corrupt record are findings at their lines', async () => {
  await using project = await soundProject({
    'landfall.config.ts': configOf({ migrations: 'sql', domain: 'domain.ts', backfills: 'jobs/*.ts' }),
    'domain.ts': '\nexport interface User {\n  id: string\n  fullName: string\n}\n',
    'tsconfig.json': tsconfig,
    'jobs/users.ts': job,
    'users.json': '[\n  { "id": "1", "name": "Ada" },\n  { "id": 2, "name": "Grace" }\n]\n',
  })
  const { code, report } = await project.reported(['gate'])
  expect(code).toBe(1)
  const errors = summary(report).filter(([, , severity]) => severity === 'error')
  expect(errors).toContainEqual(['app', 'backfill/rejected', 'error', 'users.json', 3])
  expect(
    errors.filter(([, rule]) => String(rule).startsWith('drift/')).map(([, , , file, line]) => [file, line]),
  ).toEqual(expect.arrayContaining([['domain.ts', 4]]))
  expect(report.systems[0]!.backfills).toMatchObject([{ name: 'app/users', read: 2, written: 1, rejected: 1 }])
})

test('checks that need no database start none', async () => {
  await using project = await soundProject()
  const { code, report } = await project.reported(['check', 'files'])
  expect([code, report.postgres, [...new Set(report.checks.map(({ check, state }) => `${check} ${state}`))]]).toEqual([
    0,
    null,
    ['files pass'],
  ])
})

const job = `import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
export default defineBackfill({
  name: 'app/users',
  from: jsonFile('users.json'),
  schema: z.object({ id: z.string(), name: z.string() }),
  into: 'users',
})
`

const project = (files: Record<string, string>): Promise<Project> =>
  projectOf({ ...sound, 'tsconfig.json': tsconfig, ...files })
const domain = 'export interface User { id: string; name: string }\n'
const passed = [
  0,
  'pass',
  [
    'files pass',
    'replay pass',
    'reversible pass',
    'drift pass',
    'compat skip',
    'backfill pass',
    'rls skip',
    'portable skip',
    'parity skip',
    'enums pass',
  ],
]

test.for([
  ['a CommonJS scope', {}],
  ['a package of modules', { 'package.json': '{"type":"module"}' }],
] as const)(
  'a project outside the checkout runs in %s: enums, extensionless imports, jobs and checks',
  async ([, files]) => {
    await using app = await project({
      ...files,
      'landfall.config.ts': `import { defineConfig } from 'landfall'
import { Place } from './places'
export default defineConfig({
  migrations: Place.migrations, domain: 'domain.ts', backfills: 'jobs/*.ts', checks: ['checks/*.check.ts'],
})
`,
      'places.ts': "export enum Place { migrations = 'sql' }\n",
      'domain.ts': domain,
      'jobs/users.ts': job,
      'users.json': '[{ "id": "1", "name": "Ada" }]',
      'checks/enums.check.ts': `import assert from 'node:assert/strict'
import { check } from 'landfall/checks'
import { Place } from '../places'
check('the config was read', ({ system, migrations }) => {
  assert.equal(system.migrations.dir, Place.migrations)
  assert.equal(migrations.length, 1)
})
`,
    })
    const { code, report, stderr } = await app.reported(['gate', '--config', 'landfall.config.ts'])
    expect(stderr).toBe('')
    const checks = new Set(report.checks.map(({ check, state }) => `${check} ${state}`))
    expect([code, report.verdict, [...checks]]).toEqual(passed)
  },
)

test('a down script that cannot be parsed is found without a database, once; a file that cannot be read is named', async () => {
  const down = 'sql/0001_create_users.down.sql'
  await using project = await soundProject({ [down]: 'drop table users;\ndrop tabl users;\n' })
  const nowhere = { env: { LANDFALL_SERVER_URL: 'postgres://nobody@127.0.0.1:1/none' } }
  const syntax = { rule: 'lint/syntax-error', severity: 'error', location: { file: down, line: 2, column: 6 } }
  const { code, report } = await project.reported(['check', 'files'], nowhere)
  expect({ code, postgres: report.postgres }).toEqual({ code: 1, postgres: null })
  expect(report.findings).toMatchObject([syntax])
  expect((await project.reported(['check', 'files', 'reversible'])).report.findings).toMatchObject([syntax])
  await symlink('nowhere', join(project.root, 'sql/0002_gone.up.sql'))
  const unreadable = await project.landfall(['check', 'files'], nowhere)
  expect(unreadable.code).toBe(2)
  expect(unreadable.stderr).toContain('error sql/0002_gone.up.sql cannot be read')
})
