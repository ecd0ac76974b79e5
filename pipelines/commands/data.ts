import { buildCommand, buildRouteMap } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { anyDatabaseFlags, commonFlags, type CommonFlags, type DatabaseFlags } from './flags.ts'

export interface ExportFlags extends CommonFlags, DatabaseFlags {
  readonly table?: readonly string[]
  readonly job?: readonly string[]
  readonly to?: string
  readonly visibleRows: boolean
}

export interface ImportFlags extends CommonFlags, DatabaseFlags {
  readonly replace: boolean
}

const flags = { ...commonFlags, ...anyDatabaseFlags }
const names = (brief: string, placeholder = 'NAME') =>
  ({ kind: 'parsed', parse: String, optional: true, variadic: true, placeholder, brief }) as const

const exportCommand = buildCommand<ExportFlags, [], CliContext>({
  loader: async () => (await import('./run-data.ts')).exportTables,
  parameters: {
    flags: {
      ...flags,
      table: names('Only this table (repeatable)'),
      job: names('Only the tables that this backfill writes (repeatable)'),
      to: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'FILE',
        brief: 'Write this file, whole or not at all (default: standard output)',
      },
      visibleRows: {
        kind: 'boolean',
        default: false,
        brief: 'Under row-level security: the rows that this role sees, instead of a refusal',
      },
    },
  },
  docs: {
    brief: 'Write a system’s tables as one JSON document, as they are at one moment',
    customUsage: [
      { input: '--system app --to backup.json', brief: 'all tables' },
      { input: '--system app --job app/users --to before.json', brief: 'what a run is about to write to' },
      { input: '--system app --database-url sqlite:data/app.db', brief: 'of a SQLite file, to standard output' },
    ],
  },
})

const importCommand = buildCommand<ImportFlags, [string], CliContext>({
  loader: async () => (await import('./run-data.ts')).importTables,
  parameters: {
    flags: {
      ...flags,
      replace: { kind: 'boolean', default: false, brief: 'Take out the rows that are in the tables of the dump' },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ parse: String, placeholder: 'FILE', brief: 'A dump, or - for standard input' }],
    },
  },
  docs: {
    brief: 'Read such a document into the tables: all of it in one transaction, or nothing',
    customUsage: [
      { input: 'backup.json --system app', brief: 'into empty tables' },
      { input: 'backup.json --system app --replace', brief: 'instead of what is in them' },
      { input: '- --system app --database-url sqlite:data/app.db', brief: 'from another program, into a SQLite file' },
    ],
  },
})

export const dataRoutes = buildRouteMap<string, CliContext>({
  routes: { export: exportCommand, import: importCommand },
  docs: { brief: 'Write a system’s tables as JSON, and read them back' },
})
