import { LandfallError } from '../../migrations/error.ts'
import { resolved } from './earlier.ts'
import type { Opened, Parity } from './define.ts'
import type { Normalise } from './normalise.ts'
import { outcomeOf, type Outcome, type Settled } from './outcome.ts'
import { clockwork } from './surroundings.ts'

/** One call of an operation. */
export interface Call {
  readonly operation: string
  /** What was returned earlier stands in them as a reference. */
  readonly args: readonly unknown[]
}

/** Calls that belong together: one, or two at the same time. */
export interface Step {
  /** Milliseconds that go by before. */
  readonly wait: number
  readonly calls: readonly Call[]
}

/** How the calls of a step are made: one after the other in this order, or all at once. */
export type Manner = readonly number[] | 'at once'

/** So long, in ticks in which this process was running: a machine that stood still is nobody's silence. */
const PATIENCE_MS = 10_000
const TICK_MS = 250

/** One implementation in the course of one sequence. */
export interface Player {
  /** Outcomes in the order in which the calls are written. */
  play(step: Step, manner: Manner): Promise<Outcome[]>
}

export async function newPlayer(
  { fresh }: Opened<object>,
  { isOwnError, normalise }: Pick<Parity, 'isOwnError' | 'normalise'>,
): Promise<Player> {
  const time = clockwork()
  const subject = await time.within(-1, 0, () => fresh({ now: time.now, newId: time.newId }))
  const normalisers: readonly ReturnType<Normalise>[] = normalise.map((each) => each())
  const results = new Map<string, unknown[]>()
  let [played, at] = [0, 0]
  return {
    async play({ wait, calls }, manner) {
      at += wait
      const [first, moment] = [played, at]
      played += calls.length
      const settled: Settled[] = []
      const make = async (n: number): Promise<void> => {
        settled[n] = await time.within(first + n, moment, () => settle(subject, calls[n]!, results))
      }
      if (manner === 'at once') await Promise.all(calls.map((_, n) => make(n)))
      else for (const n of manner) await make(n)
      for (const [n, one] of settled.entries())
        if (one !== 'silent' && 'value' in one) {
          const { operation } = calls[n]!
          results.set(operation, [...(results.get(operation) ?? []), one.value])
        }
      return settled.map((one) => outcomeOf(one, normalisers, isOwnError))
    },
  }
}

async function settle(
  subject: object,
  { operation, args }: Call,
  results: ReadonlyMap<string, readonly unknown[]>,
): Promise<Settled> {
  const call = methodAt(subject, operation)
  const own = args.map((argument) => resolved(argument, results))
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<'silent'>((resolve) => {
    let ticks = PATIENCE_MS / TICK_MS
    timer = setInterval(() => {
      ticks -= 1
      if (ticks === 0) resolve('silent')
    }, TICK_MS)
  })
  const work = async (): Promise<Settled> => {
    try {
      return { value: await call(...own) }
    } catch (error) {
      return { error }
    }
  }
  return Promise.race([work(), silence]).finally(() => clearInterval(timer))
}

/** The method of a path, bound to what it belongs to. */
function methodAt(subject: object, path: string): (...args: readonly unknown[]) => unknown {
  const steps = path.split('.')
  const owner = steps
    .slice(0, -1)
    .reduce<unknown>((so, step) => (so as Record<string, unknown> | null)?.[step], subject)
  const method = (owner as Record<string, unknown> | null | undefined)?.[steps.at(-1)!]
  if (typeof method === 'function') return method.bind(owner) as (...args: readonly unknown[]) => unknown
  throw new LandfallError('usage', 'parity/no-method', `an implementation has no method ${path}`, {
    next: 'name operations by the path of a method that both implementations have: projects.create',
  })
}
