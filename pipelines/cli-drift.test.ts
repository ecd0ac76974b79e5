import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf, projectOf, sound, soundProject } from '../fixtures/project.ts'
import type { Report } from './report/report.ts'

const lines = ({ findings }: Report): unknown[] =>
  findings.map(({ rule, severity, object, isNew, location }) => [
    rule,
    severity,
    object,
    isNew,
    location?.file,
    location?.line,
  ])

test('with a baseline only new drift fails, and what was fixed is said; --fix writes the types as the tables are', async () => {
  await using project = await soundProject({
    'landfall.config.ts': configOf({ migrations: 'sql', domain: 'domain.ts' }),
    'sql/0002_more.up.sql':
      "alter table users\n  add column age int,\n  add column state text not null default 'on' check (state in ('on', 'off'));\n",
    'sql/0002_more.down.sql': 'alter table users drop column age, drop column state;\n',
    'domain.ts': "export interface User {\n  id: string\n  name: string | null\n  age: number\n  state: 'on'\n}\n",
  })
  const accepted = await project.reported(['drift', '--update-baseline'])
  expect([accepted.code, accepted.stderr, lines(accepted.report)]).toEqual([
    0,
    '',
    [
      ['drift/too-nullable', 'info', 'public.users.name', false, 'domain.ts', 3],
      ['drift/null-not-modelled', 'info', 'public.users.age', false, 'domain.ts', 4],
      ['drift/value-missing-in-type', 'info', 'public.users.state', false, 'domain.ts', 5],
    ],
  ])
  const file = JSON.parse(await readFile(join(project.root, 'landfall.baseline.json'), 'utf8')) as {
    findings: object[]
  }
  const fingerprint = expect.stringMatching(/^[0-9a-f]{16}$/) as string
  expect(file).toEqual({
    schema: 1,
    findings: [
      {
        system: 'app',
        rule: 'drift/null-not-modelled',
        object: 'public.users.age',
        message: 'public.users.age (integer) may be null, but User.age is number',
        fingerprint,
      },
      {
        system: 'app',
        rule: 'drift/too-nullable',
        object: 'public.users.name',
        message: 'User.name allows null, but public.users.name (text) is not null',
        fingerprint,
      },
      {
        system: 'app',
        rule: 'drift/value-missing-in-type',
        object: 'public.users.state',
        message: "User.state lacks 'off', which the CHECK on public.users.state (text) allows",
        fingerprint,
      },
    ],
  })

  // Another file, other lines: what is known stays known. One is fixed, one is new.
  await project.write({
    'landfall.config.ts': configOf({ migrations: 'sql', domain: 'people.ts' }),
    'people.ts':
      "\n/** A person. */\nexport interface User {\n  state: 'on'\n  age: number\n  name: string\n  id: string\n  shoe: number // size\n}\n",
  })
  const changed = await project.reported(['gate'])
  expect([changed.code, lines(changed.report)]).toEqual([
    1,
    [
      ['drift/value-missing-in-type', 'info', 'public.users.state', false, 'people.ts', 4],
      ['drift/null-not-modelled', 'info', 'public.users.age', false, 'people.ts', 5],
      ['drift/extra-property', 'error', 'public.users', true, 'people.ts', 8],
      ['drift/fixed', 'info', 'public.users.name', false, 'landfall.baseline.json', 16],
    ],
  ])

  const fixed = await project.landfall(['drift', '--fix'])
  expect([fixed.code, fixed.stderr]).toEqual([
    0,
    "fixed  people.ts:4:3  add 'off' to 'on'\nfixed  people.ts:5:3  age: number | null\nfixed  people.ts:8:3  remove shoe\n",
  ])
  expect(await readFile(join(project.root, 'people.ts'), 'utf8')).toBe(
    "\n/** A person. */\nexport interface User {\n  state: 'on' | 'off'\n  age: number | null\n  name: string\n  id: string\n}\n",
  )
})

test('a set-up that lets nothing be compared is exit 2, and each says what is wrong, where, and what to do', async () => {
  const user = 'export interface User { id: string; name: string }\n'
  const domains: Record<string, [domain: unknown, text: string, says: string]> = {
    syntax: [
      'syntax.ts',
      'export interface User {\n  id string\n}\n',
      'domain: syntax.ts:2: Property or signature expected.',
    ],
    import: [
      'import.ts',
      `import type { Id } from 'ids'\n${user}`,
      'domain: import.ts:1: cannot resolve the import "ids"',
    ],
    unresolved: [
      'unresolved.ts',
      'export interface User {\n  id: string\n  name: Naem\n}\n',
      'drift: unresolved.ts:3: User.name cannot be resolved: public.users.name (text) is not compared with anything',
    ],
    tsconfig: [{ files: 'tsconfig.ts', tsconfig: 'no.json' }, user, 'domain: no.json: this tsconfig does not exist'],
    glob: ['none/*.ts', user, 'domain: no file matches "none/*.ts"'],
    empty: ['empty.ts', '', 'drift: empty.ts exports no type'],
    stranger: [
      'stranger.ts',
      'export type Mode = "a" | "b"\n',
      'drift: no type of stranger.ts stands for a table of schema public (users)',
    ],
    off: [
      { files: 'off.ts', types: { User: false } },
      user,
      'drift: no type of off.ts stands for a table of schema public (users)',
    ],
    tableless: [
      'tableless.ts',
      user,
      'drift: the migrations make no table in schema public, but tableless.ts declares types',
    ],
    folder: ['folder.ts', user, 'the migrations directory nothing is empty'],
  }
  const dirs: Record<string, string> = { folder: 'nothing', tableless: 'none' }
  const systems = Object.entries(domains).map(([name, [domain]]) => [name, { migrations: dirs[name] ?? 'sql', domain }])
  await using project = await projectOf({
    ...sound,
    ...Object.fromEntries(Object.entries(domains).map(([name, [, text]]) => [`${name}.ts`, text])),
    'nothing/.keep': '',
    'none/0001_none.up.sql': 'create schema other;\n',
    'none/0001_none.down.sql': 'drop schema other;\n',
    'landfall.config.ts': configOf({ systems: Object.fromEntries(systems) as object }),
  })
  const { code, report, stderr } = await project.reported(['drift'])
  expect([code, report.verdict]).toEqual([2, 'error'])
  const said = stderr.split('\n').filter((line) => line.startsWith('error'))
  expect(said.map((line) => line.replace(/^error\s+/, '')).toSorted()).toEqual(
    Object.values(domains)
      .map(([, , says]) => says)
      .toSorted(),
  )
  expect(stderr.split('\n').filter((line) => line.startsWith('next'))).toHaveLength(said.length)
  // None of them passes, so that none hides behind another.
  const drift = report.checks.filter(({ check }) => check === 'drift')
  expect(drift.map(({ system, state }) => [system, state])).toEqual(Object.keys(domains).map((name) => [name, 'fail']))

  await project.write({
    'landfall.config.ts': configOf({ migrations: 'sql', domain: 'glob.ts' }),
    'landfall.baseline.json': '{\n  "schema": 1,\n',
  })
  const broken = await project.landfall(['drift'])
  expect([broken.code, broken.stderr]).toEqual([
    2,
    expect.stringMatching(/^error.* the baseline landfall\.baseline\.json:2 is no JSON.*\nnext .*git/),
  ])
})

test('a live database that cannot be reached is exit 3, and its password is nowhere', async () => {
  await using project = await soundProject()
  const { code, stderr, stdout, report } = await project.reported([
    'drift',
    '--database-url',
    'postgres://app:sesame@127.0.0.1:1/live',
  ])
  expect([code, report.verdict]).toEqual([3, 'error'])
  expect(stderr).toContain('cannot connect to postgres://app@127.0.0.1:1/live')
  expect(stdout + stderr + JSON.stringify(report)).not.toContain('sesame')
})
