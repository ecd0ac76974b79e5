import { numberParser } from '@stricli/core'
import { LandfallError } from '../../migrations/error.ts'
import { commonFlags, databaseFlags, type CommonFlags, type DatabaseFlags } from './flags.ts'
import { throttleFlags, type ThrottleFlags } from './throttle-flags.ts'

export interface BackfillFlags extends CommonFlags, DatabaseFlags {
  readonly json: boolean
}

/** What goes on record of whoever changes something. */
export interface OperatorFlags {
  readonly actor?: string
  readonly reason?: string
}

export interface ConfirmedFlags extends BackfillFlags, OperatorFlags {
  readonly yes: boolean
}

export interface ResumeFlags extends ConfirmedFlags, ThrottleFlags {
  readonly maxRejects?: string
  readonly onRejectLimit?: 'stop' | 'rollback'
  readonly timeBudget?: number
}

export interface RunFlags extends ResumeFlags {
  readonly dryRun: boolean
  readonly again: boolean
  readonly partitions?: number
}

export interface WorkerFlags extends CommonFlags, DatabaseFlags, ThrottleFlags {
  readonly untilDone: boolean
}

export interface PlanFlags extends BackfillFlags {
  readonly sample?: number
}

export interface StatusFlags extends BackfillFlags {
  readonly watch: boolean
}

export interface RollbackFlags extends ConfirmedFlags, ThrottleFlags {
  readonly plan: boolean
  readonly laterWrites: 'refuse' | 'skip' | 'force'
}

export interface FinalizeFlags extends ConfirmedFlags {
  readonly check: boolean
}

export interface RejectsFlags extends BackfillFlags {
  readonly all: boolean
}

export interface SettleFlags extends ConfirmedFlags {
  readonly id?: readonly number[]
}

export interface RetryFlags extends SettleFlags {
  readonly from?: string
}

const yes = { yes: { kind: 'boolean', default: false, brief: 'Stands for the typed confirmation' } } as const
const json = { json: { kind: 'boolean', default: false, brief: 'One JSON document on standard output' } } as const
const text = (placeholder: string, brief: string) =>
  ({ kind: 'parsed', parse: String, optional: true, placeholder, brief }) as const

export const backfillFlags = { ...commonFlags, ...databaseFlags, ...json }

export const operatorFlags = {
  actor: text('NAME', 'Who goes on record (default: GITHUB_ACTOR, USER, or the database user)'),
  reason: text('TEXT', 'Why, for the record'),
} as const

export const confirmedFlags = { ...backfillFlags, ...operatorFlags, ...yes }

export const resumeFlags = {
  ...confirmedFlags,
  ...throttleFlags,
  maxRejects: text('N|P%', 'Go on with up to N rejects, or P percent of the records read (default 0)'),
  onRejectLimit: {
    kind: 'enum',
    values: ['stop', 'rollback'],
    optional: true,
    brief: 'What to do beyond it (default stop)',
  },
  timeBudget: {
    kind: 'parsed',
    parse: parseDuration,
    optional: true,
    placeholder: 'TIME',
    brief: 'Pause when it is used up: 90s, 10m, 2h',
  },
} as const

export const idFlags = {
  id: {
    kind: 'parsed',
    parse: numberParser,
    optional: true,
    variadic: true,
    placeholder: 'ID',
    brief: 'Only this reject (repeatable; default: all that are open)',
  },
} as const

export const partitionCount = (text: string): number => {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1 || count > 1000) throw new Error(`"${text}" is none: write 1 to 1000`)
  return count
}

const UNITS: Readonly<Record<string, number>> = { '': 1_000, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `90`, `90s`, `10m`, `2h`. */
export function parseDuration(given: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|)$/.exec(given) ?? []
  const ms = Number(number) * UNITS[unit ?? '']!
  if (ms > 0 && ms < 2 ** 31) return ms
  throw new LandfallError('usage', 'cli/duration', `"${given}" is no time`, {
    next: 'write 90s, 10m or 2h, up to 24 days',
  })
}
