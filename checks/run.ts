import { basename, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual, stripVTControlCharacters } from 'node:util'
import {
  describe,
  startTests,
  test,
  type Task,
  type Test,
  type TestAPI,
  type VitestRunner,
  type VitestRunnerConfig,
} from '@vitest/runner'
import { getTests } from '@vitest/runner/utils'
import { isConnectionError } from '../migrations/connection-error.ts'
import { LandfallError, messageOf, type Location } from '../migrations/error.ts'
import { importMistake, type ImportMistake } from '../migrations/import-mistake.ts'
import type { CheckContext } from './context.ts'
import type { Facts } from './facts.ts'
import { completeFinding } from './complete-finding.ts'
import type { Finding, ReportedFinding } from './finding.ts'
import { ignoring, type Ignoring } from './ignoring.ts'
import type { RuleSettings } from './settings.ts'

/** A file of checks and the systems that it is asked about. */
export interface CheckFile {
  /** Absolute path. */
  readonly path: string
  readonly systems: readonly Facts[]
}

export interface RunRequest {
  readonly root: string
  readonly files: readonly CheckFile[]
  readonly rules: RuleSettings
  /** What becomes of a finding before it counts: what is accepted is a note. */
  readonly judge?: (finding: Finding) => Finding
  /** Whether `.only` is allowed: on a desk, not in CI. */
  readonly allowOnly: boolean
  readonly timeoutMs: number
  /** Once it is aborted, what breaks because its server went away is no news. */
  readonly signal: AbortSignal
  readonly onResult?: (result: CheckResult) => void
}

/** One check of one system. `errors` holds what was thrown, or the reason of a skip. */
export interface CheckResult {
  readonly check: string
  readonly system: string
  readonly file: string
  readonly name: string
  readonly state: 'pass' | 'fail' | 'skip'
  readonly durationMs: number
  readonly errors: readonly { readonly message: string; readonly location: Location | null }[]
}

export interface RunOutcome {
  readonly checks: readonly CheckResult[]
  readonly findings: readonly Finding[]
  /** What ended a check because its server was gone; null when none was. */
  readonly lost: unknown
}

interface Collecting {
  readonly file: CheckFile
  readonly ignores: Ignoring
  readonly report: (task: Test, system: string, check: string, finding: ReportedFinding) => void
}

/** What `check()` registers for: the file that is being imported, set by the runner. */
let collecting: Collecting | null = null
let started = false

/**
 * Declares a check: a sentence about a system, and the question. It runs once for each system that it is configured
 * for; what the question names in its parameter is made for it. It fails by `report()` at error level, or by throwing.
 */
export function check(name: string, question: (context: CheckContext) => void | Promise<void>): void {
  if (collecting === null) {
    throw new LandfallError('usage', 'checks/outside', `check('${name}') was called outside a check file`, {
      next: 'name the file under checks in the config, and run landfall check or landfall gate',
    })
  }
  const registered = collecting
  for (const facts of registered.file.systems)
    describe(facts.system.name, () => testOf(facts, registered)(name, question as never))
}

/** The runner hands over only what a check names in its parameter, so nothing else is computed. */
function testOf(facts: Facts, { file, ignores, report }: Collecting): TestAPI<CheckContext> {
  const { system } = facts
  return test.extend<Omit<CheckContext, 'skip'>>({
    // oxlint-disable no-empty-pattern -- the runner reads the names that a fixture asks for from its parameter
    system: async ({}, use) => use(system),
    facts: async ({}, use) => use(facts),
    migrations: async ({}, use) => use((await facts.migrations()).migrations),
    catalog: async ({}, use) => use((await facts.proof()).catalog),
    domain: async ({}, use) => use(await facts.domain()),
    sql: async ({}, use) => {
      const { sql, close } = await facts.clone()
      await use(sql)
      await close()
    },
    report: async ({ task }, use) => {
      const isIgnored = await ignores.of(facts)
      await use((finding) => {
        if (!isIgnored(finding)) report(task, system.name, nameOf(file.path), finding)
      })
    },
    // oxlint-enable no-empty-pattern
  }) as unknown as TestAPI<CheckContext>
}

/**
 * Runs check files through `@vitest/runner`, which keeps its state in its module: once per process. Everything that
 * went wrong outside a check (a file that cannot be imported, a failed hook, an escaped rejection) is a failed check too.
 */
export async function runChecks(request: RunRequest): Promise<RunOutcome> {
  if (started) throw new Error('runChecks() runs once per process: @vitest/runner keeps module-level state')
  started = true
  const findings: Finding[] = []
  const escaped: unknown[] = []
  const teardowns: (() => unknown)[] = []
  const wrong = new Set<Task>()
  const ignores = ignoring()
  const report: Collecting['report'] = (task, system, check, finding) => {
    const found = completeFinding(finding, { system, check, rules: request.rules })
    const complete = found && (request.judge?.(found) ?? found)
    // Two checks may come upon the same thing.
    if (complete && !findings.some((known) => isSame(known, complete))) findings.push(complete)
    if (complete?.severity === 'error') wrong.add(task)
  }
  const toResult = (task: Test): CheckResult => resultOf(task, request.root, wrong.has(task))
  const runner: VitestRunner = {
    config: runnerConfig(request),
    importFile: async (path) => {
      collecting = { file: request.files.find((file) => file.path === path)!, ignores, report }
      try {
        return (await import(pathToFileURL(path).href)) as unknown
      } finally {
        collecting = null
      }
    },
    onAfterRunTask: (task) => request.onResult?.(toResult(task)),
    onCleanupWorkerContext: (teardown) => void teardowns.push(teardown),
  }
  const onEscaped = (error: unknown): void => void (request.signal.aborted || escaped.push(error))
  process.on('unhandledRejection', onEscaped).on('uncaughtException', onEscaped)
  const keepAlive = setInterval(() => {}, 2 ** 30) // the runner's own timers do not keep the process alive
  try {
    const files = await startTests(
      request.files.map(({ path }) => path),
      runner,
    )
    for (const teardown of teardowns) await teardown()
    await new Promise((resolve) => setImmediate(resolve)) // a rejection is known to be unhandled only after this turn
    const broken = suitesOf(files).flatMap((suite) =>
      (suite.result?.errors ?? []).map((error) => brokenFile(request.root, suite.file.filepath, importMistake(error))),
    )
    const thrown = getTests(files).flatMap(({ result }) => (result?.errors ?? []) as unknown[])
    const lost = [...thrown, ...escaped].find(isLost) ?? null
    // What breaks after that is no news.
    const outside = (lost === null ? escaped : []).map((error) => {
      const message = `outside any check: ${messageOf(error)}`
      return brokenFile(request.root, '', { message, line: null, column: null })
    })
    const results = getTests(files).map(toResult)
    const judged = await ignores.judge(results, request.rules)
    return {
      checks: [...results, ...judged.checks, ...broken, ...outside],
      findings: [...findings, ...judged.findings],
      lost,
    }
  } finally {
    clearInterval(keepAlive)
    process.off('unhandledRejection', onEscaped).off('uncaughtException', onEscaped)
  }
}

const isSame = (a: Finding, b: Finding): boolean =>
  a.fingerprint === b.fingerprint && a.message === b.message && isDeepStrictEqual(a.location, b.location)

const isLost = (error: unknown): boolean =>
  isConnectionError(error) || (error as { kind?: unknown } | null)?.kind === 'environment'

const nameOf = (path: string): string => basename(path).replace(/(\.check)?\.[cm]?[jt]sx?$/, '')

const suitesOf = (tasks: readonly Task[]): Exclude<Task, Test>[] =>
  tasks.flatMap((task) => (task.type === 'suite' ? [task, ...suitesOf(task.tasks)] : []))

function resultOf(task: Test, root: string, wrong: boolean): CheckResult {
  const check = nameOf(task.file.filepath)
  const system = task.suite?.name ?? ''
  const errors = (task.result?.errors ?? []).map((error) => ({
    message: stripVTControlCharacters(error.message),
    location: placeIn(error.stack ?? '', task.file.filepath, root),
  }))
  const skipped = task.result?.state === 'skip' || task.mode === 'skip' || task.mode === 'todo'
  const { note } = (task.result ?? {}) as { note?: string }
  return {
    check,
    system,
    file: relative(root, task.file.filepath),
    name: task.name,
    state: skipped ? 'skip' : errors.length > 0 || wrong ? 'fail' : 'pass',
    durationMs: task.result?.duration ?? 0,
    errors: skipped && note !== undefined ? [{ message: note, location: null }] : errors,
  }
}

const brokenFile = (root: string, path: string, { message, line, column }: ImportMistake): CheckResult => ({
  check: path === '' ? 'run' : nameOf(path),
  system: '',
  file: path === '' ? '' : relative(root, path),
  name: 'the check file runs',
  state: 'fail',
  durationMs: 0,
  errors: [
    {
      message: stripVTControlCharacters(message),
      location: path === '' ? null : { file: relative(root, path), line, column },
    },
  ],
})

/** The frame of a stack that lies in the check file. */
function placeIn(stack: string, path: string, root: string): Location | null {
  const frame = stack.split('\n').find((line) => line.includes(path)) ?? ''
  const match = /:(\d+):(\d+)/.exec(frame.slice(frame.indexOf(path) + path.length))
  return match ? { file: relative(root, path), line: Number(match[1]), column: Number(match[2]) } : null
}

function runnerConfig({ root, allowOnly, timeoutMs }: RunRequest): VitestRunnerConfig {
  return {
    root,
    name: undefined,
    setupFiles: [],
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly,
    sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    retry: 0,
    includeTaskLocation: true,
    tags: [],
    tagsFilter: undefined,
    strictTags: true,
  }
}
