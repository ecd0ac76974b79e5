import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { soundProject, type Project } from '../fixtures/project.ts'
import type { Report } from './report/report.ts'

const gitIn =
  (root: string) =>
  (...args: string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      stdio: 'pipe',
    }).toString()

const pair = (name: string, up: string, down: string): Record<string, string> => ({
  [`sql/${name}.up.sql`]: `${up};\n`,
  [`sql/${name}.down.sql`]: `${down};\n`,
})

/** `main` gained three migrations since `feature` began: one makes a role, one takes what the branch's second one needs. */
async function parted(): Promise<Project> {
  const project = await soundProject()
  const git = gitIn(project.root)
  git('init', '-q', '-b', 'main')
  git('add', 'sql')
  git('commit', '-qm', 'begin')
  git('checkout', '-qb', 'feature')
  await project.write(pair('0010_mine', 'create table mine (id int)', 'drop table mine'))
  await project.write(pair('0011_index', '\ncreate index users_name on users (name)', 'drop index users_name'))
  git('add', 'sql')
  git('commit', '-qm', 'feature')
  git('checkout', '-q', 'main')
  await project.write(pair('0002_role', 'create role cli_base_reader', 'drop role cli_base_reader'))
  await project.write(
    pair('0003_label', 'alter table users rename name to label', 'alter table users rename label to name'),
  )
  await project.write(pair('0004_other', 'create table other ()', 'drop table other'))
  git('add', 'sql')
  git('commit', '-qm', 'since')
  git('checkout', '-q', 'feature')
  return project
}

const findings = (report: Report): unknown[] =>
  report.findings.map(({ rule, severity, location, message, isNew }) => [
    rule,
    severity,
    location && `${location.file}:${location.line}`,
    message,
    isNew,
  ])
const states = (report: Report): unknown[] =>
  report.systems[0]!.migrations.map(({ version, state, isNew }) => [version, state, isNew])

test('what the branch adds is tried after what the base gained, and the first that it cannot follow is named', async () => {
  await using project = await parted()
  const { code, report } = await project.reported(['check', 'replay', '--base', 'main'])
  expect(findings(report)).toEqual([
    [
      'replay/fails-on-base',
      'error',
      'sql/0011_index.up.sql:2',
      '0011_index fails after 0003_label, which was merged since the branch began: column "name" does not exist',
      true,
    ],
  ])
  expect(states(report)).toEqual([
    ['0001', 'proven', false],
    ['0010', 'proven', true],
    ['0011', 'proven', true],
  ])
  expect(code).toBe(1)

  const git = gitIn(project.root)
  await project.write(pair('0011_index', 'create index users_id on users (id)', 'drop index users_id'))
  expect((await project.reported(['check', 'replay', '--base', 'main'])).code).toBe(0)

  git('checkout', '-q', '-f', 'main')
  await project.write(pair('0005_broken', 'drop table nobodys', 'select 1'))
  git('add', 'sql')
  git('commit', '-qm', 'broken')
  git('checkout', '-q', 'feature')
  const broken = await project.reported(['check', 'replay', '--base', 'main'])
  expect([broken.code, ...findings(broken.report)]).toEqual([
    0,
    [
      'replay/fails-on-base',
      'warning',
      null,
      'the base itself does not run: 0005_broken fails: table "nobodys" does not exist; what the branch adds was not tried on it',
      false,
    ],
  ])
})

test('in GitHub Actions the base is that of the event; a checkout that was cut short is an error with the next step', async () => {
  await using project = await parted()
  const git = gitIn(project.root)
  git('clone', '-q', '--depth', '1', '--branch', 'feature', `file://${project.root}`, join(project.root, 'shallow'))
  git('clone', '-q', '--branch', 'feature', `file://${project.root}`, join(project.root, 'whole'))
  const event = join(project.root, 'event.json')
  const repository = { default_branch: 'main' }
  await writeFile(event, JSON.stringify({ ref: 'refs/heads/feature', before: 'f'.repeat(40), repository }))
  const env = { GITHUB_ACTIONS: 'true', GITHUB_EVENT_PATH: event }
  const inside = (folder: string): ReturnType<Project['landfall']> =>
    project.landfall(['check', 'files', '--config', 'sql.config.ts'], { env, cwd: join(project.root, folder) })
  for (const folder of ['shallow', 'whole'])
    await project.write({ [`${folder}/sql.config.ts`]: "export default { migrations: 'sql' }\n" })
  const [shallow, whole] = [await inside('shallow'), await inside('whole')]
  expect([shallow.code, whole.code]).toEqual([2, 0])
  expect(shallow.stderr).toContain(
    'the checkout is shallow: what the branch and origin/main have in common is not in it',
  )
  expect(shallow.stderr).toContain('fetch-depth: 0 of actions/checkout, or git fetch --unshallow')
  expect(whole.stdout).toContain('0011_index touches users, and so does 0003_label')
})
