import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { commonFlags, type CommonFlags } from './flags.ts'

export interface ChecksFlags extends CommonFlags {
  readonly base?: string
  readonly cache?: string
}

export interface GateFlags extends ChecksFlags {
  readonly all?: boolean
}

const ofChecks = {
  base: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'REF',
    brief: 'Compare with this git ref: what merged files may not become',
  },
  cache: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'DIR',
    brief: 'Keep replayed migrations here, so that only new ones are replayed (provider server: on the server)',
  },
} as const
const flags = { ...commonFlags, ...ofChecks }

export const gateCommand = buildCommand<GateFlags, [], CliContext>({
  loader: async () => (await import('./run-checks.ts')).gate,
  parameters: { flags: { ...flags, all: { kind: 'boolean', optional: true, brief: 'Not only what the branch adds' } } },
  docs: {
    brief: 'Run every check',
    fullDescription: 'Runs every check of every system on a fresh PostgreSQL and ends with a verdict.',
    customUsage: [
      { input: '', brief: 'everything, on the server that the config names' },
      { input: '--provider testcontainers --base origin/main', brief: 'in CI, on a pull request' },
      {
        input: '--system app --report terminal --report json=report.json',
        brief: 'one system, with the machine-readable report',
      },
    ],
  },
})

export const checkCommand = buildCommand<ChecksFlags, string[], CliContext>({
  loader: async () => (await import('./run-checks.ts')).check,
  parameters: {
    flags,
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: {
        parse: String,
        placeholder: 'NAME',
        brief: 'files, replay, reversible, drift, backfill, rls, or yours',
      },
    },
  },
  docs: {
    brief: 'Run some checks by name',
    fullDescription:
      'Runs the checks named: files, replay, reversible, drift, backfill, rls, or your own *.check.ts by its file name.',
    customUsage: [
      { input: 'files', brief: 'no database needed' },
      { input: 'replay reversible --system app', brief: 'only the migrations of one system' },
    ],
  },
})

export const driftCommand = buildCommand<ChecksFlags, [], CliContext>({
  loader: async () => (await import('./run-checks.ts')).drift,
  parameters: { flags },
  docs: {
    brief: 'Compare the tables with the TypeScript interfaces',
    customUsage: [
      { input: '', brief: 'all systems' },
      { input: '--report markdown=drift.md', brief: 'as a comment on a pull request would show it' },
    ],
  },
})
