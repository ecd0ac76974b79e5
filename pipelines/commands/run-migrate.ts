import { audit, type Discrepancy } from '../../migrations/audit.ts'
import { baseline as recordBaseline, type Baseline } from '../../migrations/baseline.ts'
import { LandfallError } from '../../migrations/error.ts'
import type { MigrationStatus } from '../../migrations/history.ts'
import { readMigrations } from '../../migrations/layouts/read.ts'
import { migrationLabel } from '../../migrations/migration.ts'
import { newMigration } from '../../migrations/new-migration.ts'
import { preview, previewText } from '../../migrations/preview.ts'
import { migrateDown, migrateRedo, migrateStatus, migrateUp, type RunnerOutcome } from '../../migrations/runner.ts'
import { isSqlite } from '../../migrations/sqlite/url.ts'
import { compareSum, SUM_FILE, sumMessage, writeSum, type SumDifference } from '../../migrations/sum.ts'
import type { Target } from '../../migrations/target.ts'
import type { CliContext } from '../context.ts'
import { loadConfig, selectSystems } from '../load-config.ts'
import { anyDatabaseUrlOf, type CommonFlags, type DatabaseFlags } from './flags.ts'
import type { BaselineFlags, DownFlags, RunFlags, StatusFlags, SumFlags, UpFlags, VerifyFlags } from './migrate.ts'
import { reported } from './reported.ts'

export const up = function (this: CliContext, flags: UpFlags, count?: number): Promise<void> {
  return reported(this, flags, 'migrate up', async () => {
    refuseBoth('up', count, flags.to)
    const upTo = { to: flags.to ?? null, count: count ?? null, outOfOrder: flags.outOfOrder }
    const texts: string[] = []
    for (const target of await runTargets(this, flags)) {
      if (flags.dryRun) texts.push(previewText(target.system, await preview(target, { up: upTo })))
      else refuseIncomplete(target.system, await migrateUp(target, upTo))
    }
    return { exitCode: 0, text: joined(texts) }
  })
}

export const down = function (this: CliContext, flags: DownFlags, count?: number): Promise<void> {
  return reported(this, flags, 'migrate down', async () => {
    refuseBoth('down', count ?? flags.count, flags.to)
    const target = theOnly(await runTargets(this, flags), 'going down')
    const until = flags.to === undefined ? { count: count ?? flags.count ?? 1 } : { to: flags.to }
    if (flags.dryRun) return { exitCode: 0, text: previewText(target.system, await preview(target, { down: until })) }
    refuseIncomplete(target.system, await migrateDown(target, until))
    return { exitCode: 0, text: '' }
  })
}

export const redo = function (this: CliContext, flags: RunFlags, count = 1): Promise<void> {
  return reported(this, flags, 'migrate redo', async () => {
    const target = theOnly(await runTargets(this, flags), 'redoing')
    if (flags.dryRun) {
      const steps = await preview(target, { down: { count }, again: true })
      return { exitCode: 0, text: previewText(target.system, steps) }
    }
    refuseIncomplete(target.system, await migrateRedo(target, count))
    return { exitCode: 0, text: '' }
  })
}

export const status = function (this: CliContext, flags: StatusFlags): Promise<void> {
  return reported(this, flags, 'migrate status', async () => {
    const systems: SystemStatus[] = []
    for (const target of await targets(this, flags, 0)) {
      const migrations = await migrateStatus(target)
      const pending = migrations.filter(({ state }) => state === 'pending').length
      systems.push({ name: target.system, pending, migrations })
    }
    const text = flags.json ? `${JSON.stringify({ schema: 1, systems }, null, 2)}\n` : systems.map(table).join('\n')
    const applied = systems.every(({ migrations }) => migrations.every(({ state }) => state === 'applied'))
    return { exitCode: flags.exitCode && !applied ? 1 : 0, text }
  })
}

// What is said, and is no reason to stop a pipeline: a way back may be mended after the fact.
const HARMLESS: ReadonlySet<Discrepancy['what']> = new Set(['down-changed'])

export const verify = function (this: CliContext, flags: VerifyFlags): Promise<void> {
  return reported(this, flags, 'migrate verify', async () => {
    const lines: string[] = []
    let wrong = 0
    for (const { root, settings, ...target } of await targets(this, flags, 0)) {
      const found = await audit(target)
      const sums = (await compareSum(root, settings)) ?? []
      wrong += sums.length + found.filter(({ what }) => !HARMLESS.has(what)).length
      const said = [...found.map(({ message }) => message), ...sums.map(sumMessage)]
      lines.push(...(said.length === 0 ? ['nothing is wrong'] : said).map((text) => `${target.system}: ${text}\n`))
    }
    return { exitCode: wrong > 0 ? 1 : 0, text: lines.join('') }
  })
}

export const create = function (this: CliContext, flags: CommonFlags, name: string): Promise<void> {
  return reported(this, flags, 'migrate new', async () => {
    const config = await loadConfig(this, flags.config ?? null)
    const system = theOnly(
      selectSystems(config, flags.system ?? []).map((one) => ({ ...one, system: one.name })),
      'a new migration',
    )
    const files = await newMigration(config.root, system.migrations, name, new Date())
    return { exitCode: 0, text: files.map((file) => `${file}\n`).join('') }
  })
}

export const baseline = function (this: CliContext, flags: BaselineFlags): Promise<void> {
  return reported(this, flags, 'migrate baseline', async () => {
    const which = baselineOf(flags)
    const target = theOnly(await targets(this, flags, flags.lockWait), 'a baseline')
    const recorded = await recordBaseline(target, which)
    for (const migration of recorded) this.say(`${target.system}: recorded ${migrationLabel(migration)} as applied`)
    if (recorded.length === 0) this.say(`${target.system}: the history knows all of that already`)
    return { exitCode: 0, text: '' }
  })
}

export const sum = function (this: CliContext, flags: SumFlags): Promise<void> {
  return reported(this, flags, 'migrate sum', async () => {
    const config = await loadConfig(this, flags.config ?? null)
    const lines: string[] = []
    let stale = false
    for (const { name, migrations: settings } of selectSystems(config, flags.system ?? [])) {
      if (!flags.check) {
        lines.push(`${await writeSum(config.root, settings)}\n`)
        continue
      }
      const differences: SumDifference[] | null = await compareSum(config.root, settings)
      stale ||= differences === null || differences.length > 0
      const said = differences === null ? [`there is no ${SUM_FILE}`] : differences.map(sumMessage)
      lines.push(...said.map((text) => `${name}: ${text}\n`))
    }
    return { exitCode: stale ? 1 : 0, text: lines.join('') }
  })
}

interface SystemStatus {
  readonly name: string
  readonly pending: number
  readonly migrations: readonly MigrationStatus[]
}

/** A target with where its files are. */
type PlacedTarget = Target & {
  readonly root: string
  readonly settings: Parameters<typeof readMigrations>[1]
}

async function targets(
  context: CliContext,
  flags: CommonFlags & DatabaseFlags,
  lockWaitSeconds: number,
): Promise<PlacedTarget[]> {
  const url = anyDatabaseUrlOf(flags, context.env)
  const config = await loadConfig(context, flags.config ?? null)
  const systems = selectSystems(config, flags.system ?? [])
  if (isSqlite(url))
    theOnly(
      systems.map(({ name }) => ({ system: name })),
      'a SQLite file',
    )
  return Promise.all(
    systems.map(async ({ name, migrations: settings }) => ({
      root: config.root,
      settings,
      url,
      system: name,
      schema: settings.schema,
      migrations: (await readMigrations(config.root, settings)).migrations,
      lockWaitMs: lockWaitSeconds * 1000,
      signal: context.signal,
      onEvent: (event) =>
        context.say(`${name}: ${event.direction} ${migrationLabel(event)} (${Math.round(event.durationMs)} ms)`),
      onNotice: (text) => context.say(`${name}: ${text}`),
    })),
  )
}

async function runTargets(context: CliContext, flags: RunFlags): Promise<Target[]> {
  const limits = {
    lockTimeoutMs: flags.lockTimeout * 1000,
    statementTimeoutMs: flags.statementTimeout * 1000,
    retries: flags.retries,
  }
  return (await targets(context, flags, flags.lockWait)).map((target) => ({ ...target, limits }))
}

function theOnly<T extends { readonly system: string }>(all: readonly T[], what: string): T {
  if (all.length === 1) return all[0]!
  throw new LandfallError('usage', 'migrate/which-system', `there are several systems, and ${what} means one`, {
    next: `name it with --system: ${all.map(({ system }) => system).join(', ')}`,
  })
}

function refuseBoth(command: string, count: number | undefined, to: string | undefined): void {
  if (count === undefined || to === undefined) return
  throw new LandfallError('usage', 'migrate/how-far', `so many, and up to a version: these are two answers`, {
    next: `landfall migrate ${command} ${count}, or landfall migrate ${command} --to ${to}`,
  })
}

function baselineOf({ to, from }: BaselineFlags): Baseline {
  if (to !== undefined && from === undefined) return { to }
  if (from !== undefined && to === undefined) return { from }
  throw new LandfallError('usage', 'migrate/which-baseline', 'a baseline needs to know what is there already', {
    next: 'name the newest version with --to VERSION, or the tool that migrated the database with --from TOOL',
  })
}

/** What was done before the failure is committed, and was said line by line. */
function refuseIncomplete(system: string, { done, failed }: RunnerOutcome): void {
  if (failed === null) return
  const { migration, failure } = failed
  throw new LandfallError(
    'findings',
    'migrate/fails',
    `${system}: ${migrationLabel(migration)} fails: ${failure.message}`,
    {
      location: failure.location,
      next: `${done.length} were done and stay; correct the script and run the command again`,
    },
  )
}

const joined = (texts: readonly string[]): string => texts.filter((text) => text !== '').join('\n')

const table = ({ name, pending, migrations }: SystemStatus): string => {
  const width = Math.max(...migrations.map((migration) => migrationLabel(migration).length))
  const lines = migrations.map((migration) =>
    `  ${migrationLabel(migration).padEnd(width)}  ${migration.state.padEnd(11)}  ${migration.appliedAt ?? ''}`.trimEnd(),
  )
  return `${[`${name}: ${pending} of ${migrations.length} pending`, ...lines].join('\n')}\n`
}
