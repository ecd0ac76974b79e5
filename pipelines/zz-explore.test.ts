import { test } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { soundProject, configOf } from '../fixtures/project.ts'
const say = (t: string, r: any) =>
  console.log(
    `##### ${t}: ${r.code}\n${r.stdout}\n--- stderr\n${r.stderr}\n--- ${r.report ? JSON.stringify({ v: r.report.verdict, e: r.report.exitCode, p: r.report.postgres?.provider, f: r.report.findings.map((f: any) => [f.rule, f.severity, f.location, f.message]), c: r.report.checks.filter((c: any) => c.state === 'fail').map((c: any) => [c.check, c.name, c.state, c.errors]) }) : ''}`,
  )
test('checks', async () => {
  await using p = await soundProject({
    'landfall.config.ts': configOf({ migrations: 'sql', checks: ['checks/*.check.ts'] }),
    'checks/good.check.ts': `import assert from 'node:assert/strict'
import { check } from 'landfall/checks'
check('users have a key', async ({ sql, catalog }) => {
  const [row] = await sql\`select count(*)::int as n from pg_constraint where contype = 'p' and conrelid = 'users'::regclass\`
  assert.equal(row!['n'], 1)
})
`,
    'checks/reports.check.ts': `import { check } from 'landfall/checks'
check('one is fine', async () => {})
check('two reports', async ({ report }) => { report({ rule: 'team/naming', message: 'bad name', object: 'public.users' }) })
check('warns', async ({ report }) => { report({ rule: 'team/naming2', severity: 'warning', message: 'hm' }) })
`,
    'checks/asserts.check.ts': `import assert from 'node:assert/strict'
import { check } from 'landfall/checks'

check('fails at line 5', async ({ migrations }) => {
  assert.deepEqual(migrations.map(({ name }) => name), ['x'])
})
`,
    'checks/broken-import.check.ts': `import './nowhere.ts'\n`,
    'checks/broken-syntax.check.ts': `import { check } from 'landfall/checks'\ncheck('x', async (=> {})\n`,
    'checks/hook.check.ts': `import { beforeAll } from '@vitest/runner'\nimport { check } from 'landfall/checks'\nbeforeAll(() => { throw new Error('no hook') })\ncheck('never runs', async () => {})\n`,
    'checks/escaped.check.ts': `import { check } from 'landfall/checks'\ncheck('escapes', async () => { void Promise.reject(new Error('got away')) })\n`,
    'checks/empty.check.ts': `export {}\n`,
    'checks/only.check.ts': `import { test } from '@vitest/runner'\nimport { check } from 'landfall/checks'\ncheck('a', async () => {})\ntest.only('only this', () => {})\n`,
    'checks/enum.check.ts': `import { check } from 'landfall/checks'\nimport { Level } from './level'\ncheck('enum ' + Level.high, async ({ skip }) => { skip('not today') })\n`,
    'checks/level.ts': `export enum Level { low, high }\n`,
  })
  say('gate', await p.reported(['gate']))
  say('only in CI', await p.reported(['check', 'only'], { env: { CI: 'true' } }))
  say('good', await p.reported(['check', 'good', 'files']))
}, 150000)
test('sig', async () => {
  await using p = await soundProject({
    'sql/0002_slow.up.sql': 'select pg_sleep(30);',
    'sql/0002_slow.down.sql': 'select 1',
  })
  for (const env of [{}, { LANDFALL_SERVER_URL: undefined }])
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const r = p.start(['gate', '--report', 'json=report.json'], { env })
      await sleep(5000)
      const t = Date.now()
      r.child.kill(signal)
      const e = await r.ended
      say(`${signal} ${Date.now() - t} ms`, { ...e, report: await p.report().catch(() => null) })
    }
}, 150000)
test('migrate', async () => {
  const { freshDatabase } = await import('../fixtures/database.ts')
  await using db = await freshDatabase()
  await using p = await soundProject({
    'sql/0002_slow.up.sql': 'select pg_sleep(10);',
    'sql/0002_slow.down.sql': 'select 1',
  })
  const r = p.start(['migrate', 'up', '--database-url', db.url])
  await sleep(3000)
  const t = Date.now()
  r.child.kill('SIGINT')
  say(`migrate SIGINT`, await r.ended)
  console.log(Date.now() - t)
  say(`status`, await p.landfall(['migrate', 'status', '--json', '--database-url', db.url]))
}, 150000)
