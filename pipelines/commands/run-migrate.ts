import { LandfallError } from '../../migrations/error.ts'
import type { MigrationStatus } from '../../migrations/history.ts'
import { readMigrations } from '../../migrations/layouts/read.ts'
import { migrationLabel } from '../../migrations/migration.ts'
import { migrateDown, migrateStatus, migrateUp, type RunnerOutcome, type Target } from '../../migrations/runner.ts'
import type { CliContext } from '../context.ts'
import { loadConfig, selectSystems } from '../load-config.ts'
import { databaseUrlOf, type CommonFlags, type DatabaseFlags } from './flags.ts'
import type { DownFlags, MigrateFlags, StatusFlags } from './migrate.ts'
import { reported } from './reported.ts'

export const up = function (this: CliContext, flags: MigrateFlags): Promise<void> {
  return reported(this, flags, 'migrate up', async () => {
    for (const target of await targets(this, flags, flags.lockWait)) {
      refuseIncomplete(target.system, await migrateUp(target, flags.to ?? null))
    }
    return { exitCode: 0, text: '' }
  })
}

export const down = function (this: CliContext, flags: DownFlags): Promise<void> {
  return reported(this, flags, 'migrate down', async () => {
    const all = await targets(this, flags, flags.lockWait)
    if (all.length > 1) {
      throw new LandfallError('usage', 'migrate/which-system', 'there are several systems, and going down means one', {
        next: `name it with --system: ${all.map(({ system }) => system).join(', ')}`,
      })
    }
    for (const target of all) {
      const until = flags.to === undefined ? { count: flags.count } : { to: flags.to }
      refuseIncomplete(target.system, await migrateDown(target, until))
    }
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

interface SystemStatus {
  readonly name: string
  readonly pending: number
  readonly migrations: readonly MigrationStatus[]
}

async function targets(
  context: CliContext,
  flags: CommonFlags & DatabaseFlags,
  lockWaitSeconds: number,
): Promise<Target[]> {
  const url = databaseUrlOf(flags, context.env)
  const config = await loadConfig(context.cwd, flags.config ?? null)
  return Promise.all(
    selectSystems(config, flags.system ?? []).map(async ({ name, migrations: settings }) => ({
      url,
      system: name,
      schema: settings.schema,
      migrations: (await readMigrations(config.root, settings)).migrations,
      lockWaitMs: lockWaitSeconds * 1000,
      signal: context.signal,
      onEvent: (event) =>
        context.say(`${name}: ${event.direction} ${migrationLabel(event)} (${Math.round(event.durationMs)} ms)`),
    })),
  )
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

const table = ({ name, migrations }: { name: string; migrations: readonly MigrationStatus[] }): string => {
  const width = Math.max(...migrations.map((migration) => migrationLabel(migration).length))
  const lines = migrations.map((migration) =>
    `  ${migrationLabel(migration).padEnd(width)}  ${migration.state.padEnd(11)}  ${migration.appliedAt ?? ''}`.trimEnd(),
  )
  return `${[name, ...lines].join('\n')}\n`
}
