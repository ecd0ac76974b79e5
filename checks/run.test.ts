import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { configOf, soundProject, type RunResult } from '../fixtures/project.ts'
import type { Report } from '../pipelines/report/report.ts'
import type { CheckResult } from './run.ts'

const config = { 'landfall.config.ts': configOf({ migrations: 'sql', checks: ['checks/*.check.ts'] }) }
const about = ({ check, name, state, errors }: Pick<CheckResult, 'check' | 'name' | 'state' | 'errors'>): unknown[] => [
  check,
  name,
  state,
  ...errors.map(({ message, location }) => [message.split('\n')[0], location?.line ?? null]),
]

/** Checks of a team, right and wrong in every way, of one run. */
const teams = {
  'checks/asserts.check.ts': `import assert from 'node:assert/strict'
import { check } from 'landfall/checks'

check('names are plural', async ({ migrations }) => {
  assert.equal(migrations[0]!.name, 'create_user', 'not plural')
})
check('the tables are there', async ({ sql, catalog, system, domain }) => {
  const [row] = await sql\`select to_regclass('users') is not null as there\`
  assert.deepEqual([row!['there'], system.name, domain], [true, 'app', null])
  assert.ok(catalog.objects.some(({ kind, name }) => kind === 'column' && name === 'public.users.id'))
  await sql\`drop table users\`
})
check('each check has a database of its own', async ({ sql }) => {
  assert.equal((await sql\`select * from users\`).length, 0)
})
`,
  'checks/reports.check.ts': `import { check } from 'landfall/checks'
check('is fine', () => {})
check('reports', ({ report }) => report({ rule: 'team/naming', message: 'bad name', object: 'public.users' }))
check('warns', ({ report }) => report({ rule: 'team/taste', severity: 'warning', message: 'ugly' }))
check('is not asked', ({ skip }) => skip('not today'))
`,
  'checks/a-import.check.ts': "import './nowhere.ts'\n",
  'checks/b-syntax.check.ts': "import { check } from 'landfall/checks'\ncheck('x', async (=> {})\n",
  'checks/c-throws.check.ts': "throw new Error('at once')\n",
  'checks/d-empty.check.ts': 'export {}\n',
  'checks/e-hook.check.ts': `import { beforeAll } from '@vitest/runner'
import { check } from 'landfall/checks'
beforeAll(() => { throw new Error('no hook') })
check('never runs', () => {})
`,
  'checks/f-escapes.check.ts': `import { check } from 'landfall/checks'
check('lets a rejection go', () => { void Promise.reject(new Error('got away')) })
`,
  'checks/g-null.check.ts': `import { check } from 'landfall/checks'
check('throws nothing', () => { throw null })
`,
  'checks/h-fine.check.ts': "import { check } from 'landfall/checks'\ncheck('is fine', () => {})\n",
}
const sound = new Set(['asserts', 'reports'])
const landfalls = new Set(['files', 'replay', 'reversible', 'drift', 'compat', 'backfill', 'rls', 'portable', 'parity'])
let ran: RunResult & { readonly report: Report }
beforeAll(async () => {
  await using project = await soundProject({ ...config, ...teams })
  ran = await project.reported(['gate'])
})

test("a team's own checks fail by what they report, or by a failed assertion with its line; the context is theirs", () => {
  const { report } = ran
  expect(report.checks.filter(({ check }) => sound.has(check)).map(about)).toEqual([
    ['asserts', 'names are plural', 'fail', ['not plural', 5]],
    ['asserts', 'the tables are there', 'pass'],
    ['asserts', 'each check has a database of its own', 'pass'],
    ['reports', 'is fine', 'pass'],
    ['reports', 'reports', 'fail'],
    ['reports', 'warns', 'pass'],
    ['reports', 'is not asked', 'skip', ['not today', null]],
  ])
  expect(
    report.findings.map(({ rule, severity, check, system, message, object }) => [
      rule,
      severity,
      check,
      system,
      message,
      object,
    ]),
  ).toEqual([
    ['team/naming', 'error', 'reports', 'app', 'bad name', 'public.users'],
    ['team/taste', 'warning', 'reports', 'app', 'ugly', null],
  ])
})

test('a check file that breaks in any way is a failed check, never a silent green', () => {
  const { code, stderr, report } = ran
  expect([code, report.verdict, stderr]).toEqual([1, 'fail', ''])
  const broken = report.checks.filter(({ check }) => !landfalls.has(check) && !sound.has(check))
  expect(broken.map(about)).toEqual([
    ['e-hook', 'never runs', 'skip'],
    ['f-escapes', 'lets a rejection go', 'pass'],
    ['g-null', 'throws nothing', 'fail', ['null', null]],
    ['h-fine', 'is fine', 'pass'],
    ['a-import', 'the check file runs', 'fail', ["Cannot find module './nowhere.ts'", null]],
    ['b-syntax', 'the check file runs', 'fail', ['Unexpected "=>"', 2]],
    ['c-throws', 'the check file runs', 'fail', ['at once', null]],
    ['d-empty', 'the check file runs', 'fail', [expect.stringContaining('No test suite found') as string, null]],
    ['e-hook', 'the check file runs', 'fail', ['no hook', null]],
    ['run', 'the check file runs', 'fail', ['outside any check: got away', null]],
  ])
})

test('.only is for a desk: in CI it fails', async () => {
  await using project = await soundProject({
    ...config,
    'checks/only.check.ts': `import { test } from '@vitest/runner'
import { check } from 'landfall/checks'
check('left out', () => {})
test.only('only this', () => {})
`,
  })
  const desk = await project.reported(['check', 'only'])
  expect([desk.code, desk.report.checks.map(({ name, state }) => [name, state])]).toEqual([
    0,
    [
      ['left out', 'skip'],
      ['only this', 'pass'],
    ],
  ])
  const ci = await project.reported(['check', 'only'], { env: { CI: 'true' } })
  expect([ci.code, ci.report.checks.find(({ state }) => state === 'fail')?.errors[0]?.message]).toEqual([
    1,
    expect.stringContaining('Unexpected .only modifier') as string,
  ])
})

test('only what a check names is made for it; a promise that hangs fails by its time limit', async () => {
  await using project = await soundProject({
    'checks/hangs.check.ts': `import { check } from 'landfall/checks'
check('hangs', () => new Promise(() => {}))
check('needs no server', ({ migrations, system }) => { if (migrations.length !== 1 || system.name !== 'app') throw new Error('no') })
check('needs one', ({ catalog }) => { throw new Error(String(catalog)) })
`,
  })
  const program = `
import { factsOf } from '${new URL('establish.ts', import.meta.url).href}'
import { runChecks } from '${new URL('run.ts', import.meta.url).href}'
import { migrationsSettings } from '${new URL('../migrations/settings.ts', import.meta.url).href}'
const root = process.cwd()
const { signal } = new AbortController()
const facts = factsOf({
  system: { name: 'app', root, migrations: migrationsSettings.parse('sql'), domain: null, backfills: null, rls: null, portable: false, parity: null, checks: [] },
  base: null, signal, onProgress() {}, onError() {},
  server: () => { throw new Error('a server was asked for') },
})
const files = [{ path: root + '/checks/hangs.check.ts', systems: [facts] }]
const { checks } = await runChecks({ root, files, rules: {}, allowOnly: false, timeoutMs: 300, signal })
console.log(JSON.stringify(checks))
await runChecks({ root, files, rules: {}, allowOnly: false, timeoutMs: 300, signal }).catch((error) => console.log(error.message))
`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(project.root),
  })
  const [checks, again] = stdout.trim().split('\n')
  expect((JSON.parse(checks!) as CheckResult[]).map(about)).toEqual([
    ['hangs', 'hangs', 'fail', [expect.stringContaining('timed out in 300ms') as string, null]],
    ['hangs', 'needs no server', 'pass'],
    ['hangs', 'needs one', 'fail', ['a server was asked for', null]],
  ])
  expect(again).toMatch(/^runChecks\(\) runs once per process/)
})
