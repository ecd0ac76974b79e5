import { DEFAULT_THROTTLE, type SignalName, type ThrottleLimits } from '../../backfills/throttle/signals.ts'

/** How much pressure on the server a run bears; infinity: any. */
export interface ThrottleFlags {
  readonly maxLag?: number
  readonly maxBlocked?: number
  readonly maxLockWaiters?: number
  readonly maxTransactionAge?: number
  readonly maxWalBacklog?: number
}

const flagOf: Readonly<Record<SignalName, keyof ThrottleFlags>> = {
  'blocked-sessions': 'maxBlocked',
  'replica-lag': 'maxLag',
  'lock-waiters': 'maxLockWaiters',
  'wal-backlog': 'maxWalBacklog',
  'long-transaction': 'maxTransactionAge',
}

export const throttleOf = (flags: ThrottleFlags): ThrottleLimits =>
  Object.fromEntries(
    Object.entries(DEFAULT_THROTTLE).map(([name, limit]) => {
      const given = flags[flagOf[name as SignalName]]
      return [name, given === Number.POSITIVE_INFINITY ? null : (given ?? limit)]
    }),
  ) as Record<SignalName, number | null>

const seconds = { '': 1, ms: 0.001, s: 1, m: 60, h: 3600 }
const bytes = { '': 1, B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }
const sessions = { '': 1 }

/** A number with its unit, or `off`. */
const measure =
  (units: Readonly<Record<string, number>>, example: string) =>
  (text: string): number => {
    if (text === 'off') return Number.POSITIVE_INFINITY
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s?([A-Za-z]*)$/.exec(text) ?? []
    const factor = unit === undefined || !Object.hasOwn(units, unit) ? undefined : units[unit]
    if (number === undefined || factor === undefined) throw new Error(`"${text}" is none: write ${example}, or off`)
    return Number(number) * factor
  }

const limit = (units: Readonly<Record<string, number>>, placeholder: string, example: string, brief: string) =>
  ({ kind: 'parsed', parse: measure(units, example), optional: true, placeholder, brief }) as const

export const throttleFlags = {
  maxLag: limit(seconds, 'TIME', '5s', 'Wait while a replica is further behind (default 5s; off)'),
  maxBlocked: limit(sessions, 'N', '0', 'Wait while more sessions wait for the run (default 0; off)'),
  maxLockWaiters: limit(sessions, 'N', '3', 'Wait while more sessions wait for any lock (default 3; off)'),
  maxTransactionAge: limit(seconds, 'TIME', '10m', 'Wait while a transaction is open for longer (default 10m; off)'),
  maxWalBacklog: limit(bytes, 'SIZE', '1GB', 'Wait while more WAL waits for the archive or a slot (default 1GB; off)'),
} as const
