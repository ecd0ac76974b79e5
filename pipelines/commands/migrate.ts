import { buildCommand, buildRouteMap, numberParser } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { commonFlags, databaseFlags, type CommonFlags, type DatabaseFlags } from './flags.ts'

export interface MigrateFlags extends CommonFlags, DatabaseFlags {
  readonly to?: string
  /** Seconds. */
  readonly lockWait: number
}

export interface DownFlags extends MigrateFlags {
  readonly count: number
}

export interface StatusFlags extends CommonFlags, DatabaseFlags {
  readonly json: boolean
  readonly exitCode: boolean
}

const target = { ...commonFlags, ...databaseFlags }
const to = { kind: 'parsed', parse: String, optional: true, placeholder: 'VERSION' } as const
const lockWait = {
  kind: 'parsed',
  parse: numberParser,
  default: '60',
  placeholder: 'SECONDS',
  brief: 'How long to wait for another runner',
} as const

const up = buildCommand<MigrateFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).up,
  parameters: { flags: { ...target, lockWait, to: { ...to, brief: 'Up to and including this version' } } },
  docs: {
    brief: 'Apply pending migrations',
    customUsage: [
      { input: '', brief: 'all pending ones of all systems' },
      { input: '--system app --to 0007', brief: 'one system, up to a version' },
    ],
  },
})

const down = buildCommand<DownFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).down,
  parameters: {
    flags: {
      ...target,
      lockWait,
      to: { ...to, brief: 'Down to this version, which stays' },
      count: { kind: 'parsed', parse: numberParser, default: '1', placeholder: 'N', brief: 'How many, newest first' },
    },
  },
  docs: {
    brief: 'Revert migrations, newest first',
    customUsage: [
      { input: '--system app', brief: 'the newest one' },
      { input: '--system app --to 0', brief: 'all of them' },
    ],
  },
})

const status = buildCommand<StatusFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).status,
  parameters: {
    flags: {
      ...target,
      json: { kind: 'boolean', default: false, brief: 'One JSON document on standard output' },
      exitCode: { kind: 'boolean', default: false, brief: 'Exit 1 unless all are applied' },
    },
  },
  docs: {
    brief: 'Files against the history of a database',
    customUsage: [
      { input: '', brief: 'a table' },
      { input: '--json --exit-code', brief: 'for scripts' },
    ],
  },
})

export const migrateRoutes = buildRouteMap<string, CliContext>({
  routes: { up, down, status },
  docs: { brief: 'Migrate a database' },
})
