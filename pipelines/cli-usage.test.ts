import { expect, test } from 'vitest'
import { configOf, soundProject } from '../fixtures/project.ts'

const said = (stderr: string): string[] => stderr.trim().split('\n')

test('a wrong command line is exit 2, with what was meant', async () => {
  await using project = await soundProject()
  const wrong: Record<string, string[]> = {
    flag: ['gate', '--provder', 'embedded'],
    command: ['gaet'],
    value: ['gate', '--provider', 'mysql'],
    'two reports on stdout': ['gate', '--report', 'json', '--report', 'markdown'],
    'unknown format': ['gate', '--report', 'yaml'],
    'no name': ['check'],
  }
  const results: Record<string, unknown> = {}
  for (const [name, args] of Object.entries(wrong)) {
    const { code, stdout, stderr } = await project.landfall(args, { here: name !== 'command' })
    results[name] = { code, stdout, said: said(stderr)[0] }
  }
  expect(results).toEqual({
    flag: { code: 2, stdout: '', said: 'No flag registered for --provder, did you mean --provider?' },
    command: { code: 2, stdout: '', said: 'No command registered for `gaet`, did you mean `gate`?' },
    value: { code: 2, stdout: '', said: expect.stringContaining('"mysql"') as string },
    'two reports on stdout': {
      code: 2,
      stdout: '',
      said: 'error --report json and markdown both go to standard output',
    },
    'unknown format': { code: 2, stdout: '', said: expect.stringContaining('yaml') as string },
    'no name': { code: 2, stdout: '', said: 'Expected at least 1 argument(s) for NAME but found none' },
  })
})

test('--help puts examples first, names the exit codes, and exits 0', async () => {
  await using project = await soundProject()
  const root = await project.landfall(['--help'])
  expect(root).toMatchObject({ code: 0, stderr: '' })
  expect(root.stdout).toContain('Exit codes: 0 ok · 1 findings · 2 usage')
  const gate = await project.landfall(['gate', '--help'], { here: true })
  expect(gate).toMatchObject({ code: 0, stderr: '' })
  expect(gate.stdout.indexOf('--provider testcontainers --base origin/main')).toBeGreaterThan(0)
  expect(gate.stdout.indexOf('--provider testcontainers --base origin/main')).toBeLessThan(gate.stdout.indexOf('FLAGS'))
})

test('all mistakes of a config are said together, each with its path; the report says them too', async () => {
  await using project = await soundProject({
    'landfall.config.ts': configOf({
      postgres: { provider: 'mysql' },
      rules: { 'drift/no-such-rule': 'off', 'drift/date-as-date': 'loud', 'team/own': 'off' },
      systems: {
        'Bad Name': { migrations: 'sql' },
        app: { migrations: { dir: 'sql', schema: 'A-b' }, domain: { names: 'snake' }, chekcs: [] },
        none: {},
      },
    }),
  })
  const { code, stderr, report } = await project.reported(['gate'])
  expect(code).toBe(2)
  expect(said(stderr)).toEqual([
    'error landfall.config.ts is not a valid configuration:',
    '✖ Invalid option: expected one of "auto"|"testcontainers"|"embedded"|"server"',
    '  → at postgres.provider',
    '✖ landfall has no such rule',
    '  → at rules["drift/no-such-rule"]',
    '✖ Invalid option: expected one of "off"|"info"|"warning"|"error"',
    '  → at rules["drift/date-as-date"]',
    '✖ a system is named in lower case, with digits, "-" and "_"',
    '  → at systems["Bad Name"]',
    '✖ Unrecognized key: "chekcs"',
    '  → at systems.app',
    '✖ expected a directory, or { dir, layout, exclude, variables, prelude, schema }',
    '  → at systems.none.migrations',
    '✖ must be a plain lower-case PostgreSQL identifier',
    '  → at systems.app.migrations.schema',
    '✖ expected a file, a glob, or a list of them',
    '  → at systems.app.domain.files',
    '✖ Invalid option: expected one of "camel"|"pascal"|"kebab"|"none"',
    '  → at systems.app.domain.names',
    'next  correct the keys named; the handbook lists all of them',
  ])
  expect(report).toMatchObject({ verdict: 'error', exitCode: 2, postgres: null, systems: [], findings: [] })
  expect(report.checks[0]!.errors[0]!.message).toContain('systems.app.domain.names')
})

test('what the config names and is not there is exit 2, one sentence and the next step', async () => {
  const config = 'landfall.config.ts'
  const settings = { migrations: 'sql' }
  // What they say of a config that cannot be loaded is tsx's own; what has begun its checks does so once in a process.
  const here = new Set(['no such config', 'no default export', 'unknown system', 'unknown check', 'checks nowhere'])
  const cases: [string, Record<string, string>, string[]][] = [
    ['no such config', {}, ['gate', '--config', 'nope.ts']],
    ['syntax error', { [config]: 'export default {\n  migrations: ,\n}\n' }, ['gate']],
    ['missing import', { [config]: "import './nowhere.ts'\nexport default {}\n" }, ['gate']],
    ['no default export', { [config]: 'export const migrations = 1\n' }, ['gate']],
    ['unknown system', { [config]: configOf(settings) }, ['gate', '--system', 'shop']],
    ['unknown check', {}, ['check', 'file']],
    ['no directory', { [config]: configOf({ migrations: 'nowhere' }) }, ['check', 'files']],
    ['empty directory', { 'empty/README.md': '', [config]: configOf({ migrations: 'empty' }) }, ['check', 'files']],
    ['checks nowhere', { [config]: configOf({ ...settings, checks: ['no/*.check.ts'] }) }, ['check', 'files']],
    ['backfills nowhere', { [config]: configOf({ ...settings, backfills: 'no/*.ts' }) }, ['check', 'backfill']],
    ['domain nowhere', { [config]: configOf({ ...settings, domain: 'no/*.ts' }) }, ['drift']],
    ['nothing to check', { [config]: configOf(settings) }, ['drift']],
  ]
  const results: Record<string, string | undefined> = {}
  for (const [name, files, args] of cases) {
    await using project = await soundProject(files)
    const { code, stderr, report } = await project.reported(args, { here: here.has(name) })
    expect([name, code, report.exitCode, report.verdict]).toEqual([name, 2, 2, 'error'])
    results[name] = said(stderr)[0]
    expect(said(stderr).at(-1)).toMatch(/^next {2}./)
  }
  expect(results).toEqual({
    'no such config': 'error there is no config file nope.ts',
    'syntax error': 'error landfall.config.ts:2: the config file landfall.config.ts cannot be loaded: Unexpected ","',
    'missing import': "error the config file landfall.config.ts cannot be loaded: Cannot find module './nowhere.ts'",
    'no default export': 'error landfall.config.ts is not a valid configuration:',
    'unknown system': 'error there is no system "shop" in the configuration',
    'unknown check': 'error there is no check "file"',
    'no directory': 'error there is no migrations directory nowhere',
    'empty directory': 'error the migrations directory empty is empty',
    'checks nowhere': 'error no file matches the checks "no/*.check.ts" of app',
    'backfills nowhere': expect.stringContaining('no/*.ts') as string,
    'domain nowhere': expect.stringContaining('no/*.ts') as string,
    'nothing to check': 'error nothing was checked: every check was skipped',
  })
})

test('a server that cannot be had is exit 3, without its password, and nothing falls back', async () => {
  await using project = await soundProject()
  const url = 'postgres://me:s3cret@127.0.0.1:1/x'
  const dead = await project.reported(['check', 'replay'], { env: { LANDFALL_SERVER_URL: url } })
  expect(dead).toMatchObject({ code: 3, report: { exitCode: 3, verdict: 'error', postgres: null } })
  expect(said(dead.stderr)[0]).toMatch(/^error cannot connect to postgres:\/\/me@127.0.0.1:1\/x: /)
  const docker = await project.reported(['check', 'replay', '--provider', 'testcontainers'], {
    env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  })
  expect(docker).toMatchObject({ code: 3, report: { exitCode: 3, verdict: 'error', postgres: null } })
  expect(said(docker.stderr)[0]).toMatch(/^error no Docker engine answers: /)
  const unset = await project.reported(['check', 'replay', '--provider', 'server'], {
    env: { LANDFALL_SERVER_URL: undefined },
  })
  expect(unset.code).toBe(2)
  const database = await project.landfall(['migrate', 'status', '--database-url', url])
  expect(database.code).toBe(3)
  expect(JSON.stringify([dead, docker, database])).not.toContain('s3cret')
  const none = await project.landfall(['migrate', 'up'])
  expect([none.code, said(none.stderr)[0]]).toEqual([2, 'error no database is named'])
})
