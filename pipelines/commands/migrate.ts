import { buildCommand, buildRouteMap, numberParser } from '@stricli/core'
import { foreignTools, type ForeignTool } from '../../migrations/foreign-history.ts'
import type { CliContext } from '../context.ts'
import { anyDatabaseFlags, commonFlags, type CommonFlags, type DatabaseFlags } from './flags.ts'

/** What bounds a runner; seconds. */
export interface RunFlags extends CommonFlags, DatabaseFlags {
  readonly lockWait: number
  readonly lockTimeout: number
  readonly statementTimeout: number
  readonly retries: number
  readonly dryRun: boolean
}

export interface UpFlags extends RunFlags {
  readonly to?: string
  readonly outOfOrder: boolean
}

export interface DownFlags extends RunFlags {
  readonly to?: string
  readonly count?: number
}

export interface StatusFlags extends CommonFlags, DatabaseFlags {
  readonly json: boolean
  readonly exitCode: boolean
}

export type VerifyFlags = CommonFlags & DatabaseFlags

export interface BaselineFlags extends CommonFlags, DatabaseFlags {
  readonly to?: string
  readonly from?: ForeignTool
  readonly lockWait: number
}

export interface SumFlags extends CommonFlags {
  readonly check: boolean
}

const database = { ...commonFlags, ...anyDatabaseFlags }

const seconds = (value: string, brief: string) =>
  ({ kind: 'parsed', parse: wholeNumber, default: value, placeholder: 'SECONDS', brief }) as const

const lockWait = seconds('60', 'How long to wait for another runner')
const run = {
  ...database,
  lockWait,
  lockTimeout: seconds('5', 'How long a statement waits for a lock; 0: for ever'),
  statementTimeout: seconds('900', 'How long a statement runs; 0: for ever'),
  retries: {
    kind: 'parsed',
    parse: wholeNumber,
    default: '5',
    placeholder: 'N',
    brief: 'Tries after a lock timeout, a deadlock or a serialization failure',
  },
  dryRun: { kind: 'boolean', default: false, brief: 'Print the SQL that would run; the database is only read' },
} as const

const to = { kind: 'parsed', parse: String, optional: true, placeholder: 'VERSION' } as const
const howMany = (brief: string) =>
  ({
    kind: 'tuple',
    parameters: [{ parse: positiveNumber, optional: true, placeholder: 'N', brief }],
  }) as const

const up = buildCommand<UpFlags, [number?], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).up,
  parameters: {
    flags: {
      ...run,
      to: { ...to, brief: 'Up to and including this version' },
      outOfOrder: { kind: 'boolean', default: false, brief: 'Also those below the newest that is applied' },
    },
    positional: howMany('How many; all that are pending when left out'),
  },
  docs: {
    brief: 'Apply pending migrations',
    customUsage: [
      { input: '', brief: 'all pending ones of all systems' },
      { input: '--dry-run', brief: 'what that would run' },
      { input: '1 --system app', brief: 'the next one of one system' },
      { input: '--system app --to 0007', brief: 'one system, up to a version' },
      { input: '--system app --database-url sqlite:data/app.db', brief: 'a SQLite file, made if missing' },
    ],
  },
})

const down = buildCommand<DownFlags, [number?], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).down,
  parameters: {
    flags: {
      ...run,
      to: { ...to, brief: 'Down to this version, which stays' },
      count: { kind: 'parsed', parse: positiveNumber, optional: true, placeholder: 'N', brief: 'The same as N' },
    },
    positional: howMany('How many, newest first; one when left out'),
  },
  docs: {
    brief: 'Revert migrations, newest first',
    customUsage: [
      { input: '--system app', brief: 'the newest one' },
      { input: '--system app --to 0', brief: 'all of them' },
    ],
  },
})

const redo = buildCommand<RunFlags, [number?], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).redo,
  parameters: { flags: run, positional: howMany('How many, newest first; one when left out') },
  docs: {
    brief: 'Revert migrations and apply them again',
    customUsage: [{ input: '--system app', brief: 'the newest one, after its files were edited' }],
  },
})

const status = buildCommand<StatusFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).status,
  parameters: {
    flags: {
      ...database,
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

const verify = buildCommand<VerifyFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).verify,
  parameters: { flags: database },
  docs: {
    brief: 'Look for what is wrong between files, landfall.sum, history and database; exit 1 when something is',
    customUsage: [{ input: '', brief: 'changed, missing, interrupted, out of order, invalid indexes' }],
  },
})

const create = buildCommand<CommonFlags, [string], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).create,
  parameters: {
    flags: commonFlags,
    positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'NAME', brief: 'What it does' }] },
  },
  docs: {
    brief: 'Write the files of the next migration',
    customUsage: [{ input: 'add_email_to_users', brief: '0004_add_email_to_users.up.sql and .down.sql' }],
  },
})

const baseline = buildCommand<BaselineFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).baseline,
  parameters: {
    flags: {
      ...database,
      lockWait,
      to: { ...to, brief: 'Everything up to and including this version is there' },
      from: {
        kind: 'enum',
        values: foreignTools,
        optional: true,
        brief: 'What the history table of this tool says is there; the table stays as it is',
      },
    },
  },
  docs: {
    brief: 'Record migrations as applied without running them',
    customUsage: [
      { input: '--system app --to 0007', brief: 'a database that was made by hand' },
      { input: '--system app --from dbmate', brief: 'a database that another tool migrated' },
    ],
  },
})

const sum = buildCommand<SumFlags, [], CliContext>({
  loader: async () => (await import('./run-migrate.ts')).sum,
  parameters: {
    flags: {
      ...commonFlags,
      check: { kind: 'boolean', default: false, brief: 'Compare and write nothing; exit 1 when it is stale' },
    },
  },
  docs: {
    brief: 'Write landfall.sum beside the migrations: a hash of every file',
    customUsage: [
      { input: '', brief: 'after each new migration' },
      { input: '--check', brief: 'has anything been edited?' },
    ],
  },
})

export const migrateRoutes = buildRouteMap<string, CliContext>({
  routes: { up, down, redo, status, verify, new: create, baseline, sum },
  docs: { brief: 'Migrate a database' },
})

function wholeNumber(text: string): number {
  const value = numberParser(text)
  if (Number.isInteger(value) && value >= 0) return value
  throw new SyntaxError(`"${text}" is no whole number`)
}

function positiveNumber(text: string): number {
  const value = wholeNumber(text)
  if (value > 0) return value
  throw new SyntaxError('0 is none')
}
