import { buildCommand, buildRouteMap, numberParser } from '@stricli/core'
import type { CliContext } from '../context.ts'
import {
  backfillFlags,
  confirmedFlags,
  idFlags,
  operatorFlags,
  partitionCount,
  resumeFlags,
  type BackfillFlags,
  type FinalizeFlags,
  type OperatorFlags,
  type PlanFlags,
  type RejectsFlags,
  type ResumeFlags,
  type RetryFlags,
  type RollbackFlags,
  type RunFlags,
  type SettleFlags,
  type StatusFlags,
  type WorkerFlags,
} from './backfill-flags.ts'
import { commonFlags, databaseFlags } from './flags.ts'
import { throttleFlags } from './throttle-flags.ts'

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
const jobs = {
  kind: 'array',
  minimum: 1,
  parameter: { parse: String, placeholder: 'NAME', brief: 'Jobs, for example app/users' },
} as const
const workable = {
  kind: 'array',
  parameter: { parse: String, placeholder: 'NAME', brief: 'Jobs whose runs to work on; all when none is named' },
} as const
const off = (brief: string) => ({ kind: 'boolean', default: false, brief }) as const

const list = buildCommand<BackfillFlags, [], CliContext>({
  loader: async () => (await import('./run-backfill-status.ts')).list,
  parameters: { flags: backfillFlags },
  docs: { brief: 'The jobs, and their latest runs' },
})

const plan = buildCommand<PlanFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).plan,
  parameters: {
    flags: {
      ...backfillFlags,
      sample: {
        kind: 'parsed',
        parse: numberParser,
        optional: true,
        placeholder: 'N',
        brief: 'Estimate from the first N records, really written and rolled back',
      },
    },
    positional: jobs,
  },
  docs: {
    brief: 'What a run would do; the database is only read',
    customUsage: [
      { input: 'app/users', brief: 'counts, time, disk, triggers, whether it can be undone' },
      {
        input: 'app/users --sample 10000',
        brief: 'time, WAL and disk as measured, in a transaction that is rolled back',
      },
    ],
  },
})

const run = buildCommand<RunFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).run,
  parameters: {
    flags: {
      ...resumeFlags,
      dryRun: off('The same as plan: nothing is written, the database sees to it'),
      again: off('A new run although one is finished'),
      partitions: {
        kind: 'parsed',
        parse: partitionCount,
        optional: true,
        placeholder: 'N',
        brief: 'Cut the source into N parts for workers on any machine, and work on them too',
      },
    },
    positional: jobs,
  },
  docs: {
    brief: 'Run jobs in their order, or go on with unfinished runs',
    customUsage: [
      { input: 'app/users', brief: 'starts, or goes on where it was' },
      { input: 'app/users --max-rejects 10', brief: 'with up to ten rejects it finishes, and exits 1' },
      { input: 'app/users --time-budget 10m', brief: 'pauses after ten minutes, and exits 4' },
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
      untilDone: off('End when no partitioned run is left to work on'),
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
  parameters: { flags: resumeFlags, positional: one },
  docs: { brief: 'Go on with an unfinished run' },
})

const status = buildCommand<StatusFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill-status.ts')).status,
  parameters: {
    flags: { ...backfillFlags, watch: off('Goes on until no run is under way; with --json a line for every change') },
    positional: some,
  },
  docs: { brief: 'Runs, newest first' },
})

const stopping = (verb: 'pause' | 'cancel', brief: string) =>
  buildCommand<BackfillFlags & OperatorFlags, [string], CliContext>({
    loader: async () => (await import('./run-backfill-status.ts'))[verb],
    parameters: { flags: { ...backfillFlags, ...operatorFlags }, positional: one },
    docs: { brief },
  })

const verify = buildCommand<BackfillFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill-verify.ts')).verify,
  parameters: { flags: backfillFlags, positional: some },
  docs: {
    brief: 'Compare the rows with the source, byte by byte',
    customUsage: [{ input: 'app/users', brief: 'exit 1 names record, key and column' }],
  },
})

const rollback = buildCommand<RollbackFlags, [string], CliContext>({
  loader: async () => (await import('./run-backfill.ts')).rollback,
  parameters: {
    flags: {
      ...confirmedFlags,
      ...throttleFlags,
      plan: off('Only says what it would do; the database is only read'),
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

const finalize = buildCommand<FinalizeFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill-verify.ts')).finalize,
  parameters: {
    flags: { ...confirmedFlags, check: off('Only asserts, for a deploy gate; the journal stays') },
    positional: some,
  },
  docs: {
    brief: 'Assert that runs are verified and without open rejects, and give up their journal',
    customUsage: [
      { input: '--check', brief: 'exit 0 when every job is done, verified and without open rejects' },
      { input: 'app/users', brief: 'the same, and the run cannot be undone any more' },
    ],
  },
})

const history = buildCommand<BackfillFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill-status.ts')).history,
  parameters: { flags: backfillFlags, positional: some },
  docs: { brief: 'Everything on record of runs: who, why, when, of what code and source, with what result' },
})

const rehearse = buildCommand<BackfillFlags, string[], CliContext>({
  loader: async () => (await import('./run-backfill-rehearse.ts')).rehearse,
  parameters: { flags: backfillFlags, positional: jobs },
  docs: {
    brief: 'Run, verify and undo jobs on a copy of the database; the database itself is only read',
    customUsage: [{ input: 'app/users', brief: 'exit 1 when anything is wrong with it' }],
  },
})

const rejects = buildRouteMap<string, CliContext>({
  routes: {
    list: buildCommand<RejectsFlags, [string], CliContext>({
      loader: async () => (await import('./run-backfill-rejects.ts')).list,
      parameters: {
        flags: { ...backfillFlags, all: off('Also those that were carried over since, or discarded') },
        positional: one,
      },
      docs: { brief: 'The records that a run did not carry over' },
    }),
    export: buildCommand<RejectsFlags, [string], CliContext>({
      loader: async () => (await import('./run-backfill-rejects.ts')).exportRejects,
      parameters: {
        flags: { ...backfillFlags, all: off('Also those that were carried over since, or discarded') },
        positional: one,
      },
      docs: {
        brief: 'The same as NDJSON on standard output, to be mended',
        customUsage: [
          { input: 'app/users > rejects.ndjson', brief: 'one line a reject, with its record and position' },
        ],
      },
    }),
    retry: buildCommand<RetryFlags, [string], CliContext>({
      loader: async () => (await import('./run-backfill-rejects.ts')).retry,
      parameters: {
        flags: {
          ...confirmedFlags,
          ...idFlags,
          from: {
            kind: 'parsed',
            parse: String,
            optional: true,
            placeholder: 'FILE',
            brief: 'NDJSON as exported, with records mended in "raw" or given as "mended"',
          },
        },
        positional: one,
      },
      docs: {
        brief: 'Carry over what is accepted now, as a part of the run',
        customUsage: [
          { input: 'app/users', brief: 'after the job, the schema or the tables were mended' },
          { input: 'app/users --from rejects.ndjson', brief: 'after the records were' },
        ],
      },
    }),
    discard: buildCommand<SettleFlags, [string], CliContext>({
      loader: async () => (await import('./run-backfill-rejects.ts')).discard,
      parameters: { flags: { ...confirmedFlags, ...idFlags }, positional: one },
      docs: {
        brief: 'Give records up, with who and why on record',
        customUsage: [{ input: 'app/users --id 7 --reason "test data"', brief: 'asks to type the name' }],
      },
    }),
  },
  docs: { brief: 'Records that were not carried over' },
})

export const backfillRoutes = buildRouteMap<string, CliContext>({
  routes: {
    list,
    plan,
    run,
    resume,
    worker,
    status,
    pause: stopping('pause', 'Stop a run within a second; it can be resumed'),
    cancel: stopping('cancel', 'End a run within a second'),
    verify,
    rejects,
    rollback,
    finalize,
    history,
    rehearse,
  },
  docs: { brief: 'Carry data into tables, prove it, undo it' },
})
