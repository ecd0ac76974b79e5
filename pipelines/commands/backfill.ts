import { buildCommand, buildRouteMap, numberParser } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { throttleFlags, type ThrottleFlags } from './throttle-flags.ts'
import { commonFlags, databaseFlags, type CommonFlags, type DatabaseFlags } from './flags.ts'

export interface BackfillFlags extends CommonFlags, DatabaseFlags {
  readonly json: boolean
}

export interface RunFlags extends BackfillFlags, ThrottleFlags {
  readonly dryRun: boolean
  readonly again: boolean
  readonly partitions?: number
  readonly maxRejects?: number
  readonly onRejectLimit?: 'stop' | 'rollback'
  readonly yes: boolean
}

export interface WorkerFlags extends CommonFlags, DatabaseFlags, ThrottleFlags {
  readonly untilDone: boolean
}

export interface ConfirmedFlags extends BackfillFlags {
  readonly yes: boolean
}

export interface ResumeFlags extends ConfirmedFlags, ThrottleFlags {}

export interface RollbackFlags extends ConfirmedFlags {
  readonly laterWrites: 'refuse' | 'skip' | 'force'
}

const partitionCount = (text: string): number => {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 1000) throw new Error(`"${text}" is none: write 1 to 1000`)
  return count
}

const json = { json: { kind: 'boolean', default: false, brief: 'One JSON document on standard output' } } as const
const yes = { yes: { kind: 'boolean', default: false, brief: 'Stands for the typed confirmation' } } as const
const flags = { ...commonFlags, ...databaseFlags, ...json }

const one = {
  kind: 'tuple',
  parameters: [{ parse: String, placeholder: 'NAME', brief: 'A job (its latest run) or the id of a run' }],
} as const
const some = {
  kind: 'array',
  parameter: {
    parse: String,
    placeholder: 'NAME',
    brief: 'Jobs (their latest runs) or ids of runs; all when none is named',
  },
} as const
const workable = {
  kind: 'array',
  parameter: { parse: String, placeholder: 'NAME', brief: 'Jobs; all when none is named' },
} as const
const jobs = {
  kind: 'array',
  minimum: 1,
  parameter: { parse: String, placeholder: 'NAME', brief: 'Jobs, for example app/users' },
} as const

const list = buildCommand<BackfillFlags, [], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).list,
  parameters: { flags },
  docs: { brief: 'The jobs, and their latest runs' },
})

const plan = buildCommand<BackfillFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).plan,
  parameters: { flags, positional: jobs },
  docs: {
    brief: 'What a run would do; the database is only read',
    customUsage: [{ input: 'app/users', brief: 'counts, time, triggers, whether it can be undone' }],
  },
})

const run = buildCommand<RunFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).run,
  parameters: {
    flags: {
      ...flags,
      ...yes,
      ...throttleFlags,
      dryRun: {
        kind: 'boolean',
        default: false,
        brief: 'The same as plan: nothing is written, the database sees to it',
      },
      again: { kind: 'boolean', default: false, brief: 'A new run although one is finished' },
      partitions: {
        kind: 'parsed',
        parse: partitionCount,
        optional: true,
        placeholder: 'N',
        brief: 'Cut the source into N parts for workers on any machine, and work on them too',
      },
      maxRejects: {
        kind: 'parsed',
        parse: numberParser,
        optional: true,
        placeholder: 'N',
        brief: 'Go on with up to N rejects (default 0)',
      },
      onRejectLimit: {
        kind: 'enum',
        values: ['stop', 'rollback'],
        optional: true,
        brief: 'What to do beyond it (default stop)',
      },
    },
    positional: jobs,
  },
  docs: {
    brief: 'Run jobs in their order, or go on with unfinished runs',
    customUsage: [
      { input: 'app/users', brief: 'starts, or goes on where it was' },
      { input: 'app/users --max-rejects 10', brief: 'with up to ten rejects it finishes, and exits 1' },
    ],
  },
})

const worker = buildCommand<WorkerFlags, string[], CliContext>({
  loader: async () => (await import('./run-worker.ts')).worker,
  parameters: {
    flags: {
      ...commonFlags,
      ...databaseFlags,
      ...throttleFlags,
      untilDone: { kind: 'boolean', default: false, brief: 'End when no partitioned run is left to work on' },
    },
    positional: workable,
  },
  docs: {
    brief: 'Work on the partitions of runs, beside workers on other machines',
    customUsage: [
      { input: 'app/users', brief: 'after: landfall backfill run app/users --partitions 16' },
      { input: '--until-done', brief: 'whatever there is, of any job' },
    ],
  },
})

const resume = buildCommand<ResumeFlags, [string], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).resume,
  parameters: { flags: { ...flags, ...yes, ...throttleFlags }, positional: one },
  docs: { brief: 'Go on with an unfinished run' },
})

const status = buildCommand<BackfillFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).status,
  parameters: { flags, positional: some },
  docs: { brief: 'Runs, newest first' },
})

const pause = buildCommand<BackfillFlags, [string], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).pause,
  parameters: { flags, positional: one },
  docs: { brief: 'Stop a run after the batch at hand; it can be resumed' },
})

const cancel = buildCommand<BackfillFlags, [string], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).cancel,
  parameters: { flags, positional: one },
  docs: { brief: 'End a run after the batch at hand' },
})

const verify = buildCommand<BackfillFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).verify,
  parameters: { flags, positional: some },
  docs: {
    brief: 'Compare the rows with the source, byte by byte',
    customUsage: [{ input: 'app/users', brief: 'exit 1 names record, key and column' }],
  },
})

const rollback = buildCommand<RollbackFlags, [string], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).rollback,
  parameters: {
    flags: {
      ...flags,
      ...yes,
      laterWrites: {
        kind: 'enum',
        values: ['refuse', 'skip', 'force'],
        default: 'refuse',
        brief: 'What to do with rows that were changed later',
      },
    },
    positional: one,
  },
  docs: {
    brief: 'Undo a run exactly, or refuse',
    customUsage: [{ input: 'app/users', brief: 'exit 5, and nothing changed, when later writes would be lost' }],
  },
})

const rejectsList = buildCommand<BackfillFlags, [string], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).rejects,
  parameters: { flags, positional: one },
  docs: { brief: 'The records that a run did not carry over' },
})

export const backfillRoutes = buildRouteMap<string, CliContext>({
  routes: {
    list,
    plan,
    run,
    resume,
    worker,
    status,
    pause,
    cancel,
    verify,
    rollback,
    rejects: buildRouteMap<string, CliContext>({
      routes: { list: rejectsList },
      docs: { brief: 'Records that were not carried over' },
    }),
  },
  docs: { brief: 'Carry data into tables, prove it, undo it' },
})
