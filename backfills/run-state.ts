import type { RejectLimit } from './reject-limit.ts'
import type { Position } from './sources/source.ts'

export const runStates = [
  'running',
  'paused',
  'cancelled',
  'failed',
  'done',
  'verified',
  'rolling-back',
  'rolled-back',
] as const
export type RunState = (typeof runStates)[number]

/** One execution of a job, as `backfill run|status|verify|rollback --json` say it. */
export interface Run {
  /** A UUID. */
  readonly id: string
  readonly name: string
  readonly system: string
  readonly state: RunState
  /** Records taken from the source; `read = written + existing + rejected`. */
  readonly read: number
  /** Records of which this run added a row. */
  readonly written: number
  /** Records whose rows were all there before; with `onConflict: 'update'` they were brought up to date. */
  readonly existing: number
  readonly rejected: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Null as long as the run can go on. */
  readonly finishedAt: string | null
  readonly durationMs: number
  /** Why it is in this state, or what it waits for while it runs; or null. */
  readonly reason: string | null
  /** Milliseconds that it waited for the server, by reason. */
  readonly waits: Readonly<Record<string, number>>
  /** The command to type next, or null. */
  readonly next: string | null
}

/** What an operator decided when the run began. */
export interface RunLimits {
  /** More rejects than this stop the run. */
  readonly maxRejects: RejectLimit
  readonly onRejectLimit: 'stop' | 'rollback'
}

/** A record that a run did not carry over, as `backfill rejects list --json` says it. */
export interface StoredReject {
  readonly id: number
  readonly run: string
  readonly position: Position
  readonly stage: 'parse' | 'schema' | 'database'
  readonly code: string
  readonly reason: string
  readonly raw: string
  /** What became of it; not there as long as nothing did. */
  readonly settled?: Settlement
}

/** What became of a reject. */
export interface Settlement {
  readonly as: 'carried' | 'discarded'
  /** ISO 8601, UTC. */
  readonly at: string
  readonly by: string
  readonly why: string | null
}

/** Whether `run` goes on with it. */
export const isUnfinished = (state: RunState): boolean => nextSteps[state].unfinished

/** The command that belongs to a state; `open`: rejects that nobody has settled. */
export const nextStep = (state: RunState, name: string, open: number): string | null => {
  const verb = state === 'done' && open > 0 ? 'rejects list' : nextSteps[state].verb
  return verb === null ? null : `landfall backfill ${verb} ${name}`
}

const nextSteps: Readonly<Record<RunState, { readonly verb: string | null; readonly unfinished: boolean }>> = {
  running: { verb: 'status', unfinished: true },
  paused: { verb: 'resume', unfinished: true },
  cancelled: { verb: 'rollback', unfinished: true },
  failed: { verb: 'resume', unfinished: true },
  done: { verb: 'verify', unfinished: false },
  verified: { verb: null, unfinished: false },
  'rolling-back': { verb: 'rollback', unfinished: true },
  'rolled-back': { verb: 'run', unfinished: false },
}
