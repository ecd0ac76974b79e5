import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { commonFlags, type CommonFlags, databaseFlags, type DatabaseFlags } from './flags.ts'

export interface ChecksFlags extends CommonFlags {
  readonly base?: string
  readonly cache?: string
}

export interface CheckFlags extends ChecksFlags {
  readonly seed?: number
  readonly runs?: number
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

const MOST = 2 ** 31 - 1

/** From 1. */
function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > MOST)
    throw new SyntaxError(`expected a whole number, 1 or more`)
  return number
}

export const checkCommand = buildCommand<CheckFlags, string[], CliContext>({
  loader: async () => (await import('./run-checks.ts')).check,
  parameters: {
    flags: {
      ...flags,
      seed: {
        kind: 'parsed',
        parse: wholeNumber,
        optional: true,
        placeholder: 'N',
        brief: 'parity: repeat the sequences of this seed',
      },
      runs: {
        kind: 'parsed',
        parse: wholeNumber,
        optional: true,
        placeholder: 'N',
        brief: 'parity: try so many sequences',
      },
    },
    positional: {
      kind: 'array',
      minimum: 1,
      parameter: {
        parse: String,
        placeholder: 'NAME',
        brief: 'files, replay, reversible, drift, compat, backfill, rls, portable, parity, or yours',
      },
    },
  },
  docs: {
    brief: 'Run some checks by name',
    fullDescription:
      'Runs the checks named: files, replay, reversible, drift, compat, backfill, rls, portable, parity, or your own *.check.ts by its file name.',
    customUsage: [
      { input: 'files', brief: 'no database needed' },
      { input: 'replay reversible --system app', brief: 'only the migrations of one system' },
      { input: 'parity --runs 1000 --seed 7', brief: 'more sequences than the gate tries, and others' },
    ],
  },
})

export interface DriftFlags extends ChecksFlags, DatabaseFlags {
  readonly fix?: boolean
  readonly updateBaseline?: boolean
}

export const driftCommand = buildCommand<DriftFlags, [], CliContext>({
  loader: async () => (await import('./run-checks.ts')).drift,
  parameters: {
    flags: {
      ...flags,
      databaseUrl: {
        ...databaseFlags.databaseUrl,
        brief: 'Also compare this live database with the replayed migrations; it is only read',
      },
      fix: { kind: 'boolean', optional: true, brief: 'Edit the TypeScript side, where the fix is exact' },
      updateBaseline: { kind: 'boolean', optional: true, brief: 'Accept the drift that there is: write the baseline' },
    },
  },
  docs: {
    brief: 'Compare the tables with the TypeScript interfaces',
    fullDescription:
      "Compares the replayed tables with the TypeScript interfaces; with --base, whether old and new code bear each other's schema; with --database-url, a live database with what the migrations make.",
    customUsage: [
      { input: '', brief: 'all systems' },
      { input: '--fix', brief: 'write the interfaces as the tables are' },
      { input: '--update-baseline', brief: 'from now on only new drift fails' },
      { input: '--database-url postgres://app@db.internal/app', brief: 'what was changed by hand' },
      { input: '--report markdown=drift.md', brief: 'as a comment on a pull request would show it' },
    ],
  },
})
