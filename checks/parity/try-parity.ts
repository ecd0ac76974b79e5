import fc from 'fast-check'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import type { Database } from '../../migrations/server/databases.ts'
import type { Open, Opened, Parity, ParityDatabase } from './define.ts'
import { beginDuel, Parted, type Parting } from './duel.ts'
import { emptied, type Emptied } from './emptied.ts'
import type { Outcome } from './outcome.ts'
import type { Step } from './player.ts'
import { sequencesOf } from './sequences.ts'

export interface TryParityOptions {
  readonly parity: Parity
  readonly schema: string
  /** A new copy of the replayed database. */
  readonly clone: () => Promise<Database>
  readonly seed: number
  /** Sequences; those of the definition without it. */
  readonly runs?: number | null
  readonly signal?: AbortSignal
}

/** What generated sequences have shown. */
export interface ParityFact {
  /** Relative to the config file. */
  readonly file: string
  /** Of the two implementations. */
  readonly names: readonly [string, string]
  readonly seed: number
  readonly runs: number
  /** Made of each implementation, until the first difference. */
  readonly calls: number
  /** Operations that were called many times and only ever refused. */
  readonly neverSucceeded: readonly string[]
  /** The shortest sequence that was found after which the two part ways; null when there is none. */
  readonly parting: Parting | null
}

/** After the first difference, the shortest is looked for as long as this. */
const SHRINK_MS = 60_000
/** An operation that was refused so often, and never did anything, is hardly compared. */
const MANY = 100

/**
 * Runs generated sequences on both implementations until they part ways, and then looks for the shortest.
 * @throws {LandfallError} `usage`: an implementation that cannot be opened, a generator that fails
 */
export async function tryParity(options: TryParityOptions): Promise<Omit<ParityFact, 'file'>> {
  const { parity, seed, signal } = options
  const runs = options.runs ?? parity.runs
  const places: Place[] = []
  const opened: Opened<object>[] = []
  try {
    for (const { name, open } of parity.implementations) {
      const place = newPlace(options)
      places.push(place)
      opened.push(await openOne(name, open, place))
    }
    const tally = newTally()
    let parting: Parting | null = null
    let until = Number.POSITIVE_INFINITY
    // What is wrong with the file or the machine ends everything, instead of being made shorter.
    let broken: { readonly error: unknown } | null = null
    const sequences = await generated(() => sequencesOf(parity))
    const property = fc.asyncProperty(sequences, async (sequence) => {
      if (broken !== null || performance.now() > until || signal?.aborted) return
      try {
        const duel = await beginDuel([opened[0]!, opened[1]!], parity)
        for (const step of sequence.steps) {
          sequence.ran += 1
          const outcomes = await duel.step(step)
          if (parting === null) tally.count(step, outcomes)
        }
      } catch (error) {
        if (!(error instanceof Parted)) {
          broken = { error }
          return
        }
        parting = error.parting
        until = Math.min(until, performance.now() + SHRINK_MS)
        throw error
      }
    })
    await generated(() => fc.check(property, { seed, numRuns: runs }))
    signal?.throwIfAborted()
    if (broken !== null) throw (broken as { error: unknown }).error
    const { calls, neverSucceeded } = tally.sum()
    const [first, second] = parity.implementations
    return { names: [first.name, second.name], seed, runs, calls, neverSucceeded, parting }
  } finally {
    for (const each of opened) await each.close?.()
    for (const place of places) await place.close()
  }
}

/** Whatever escapes here was thrown by a generator: what implementations throw is an outcome, or was kept above. */
async function generated<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause
    throw new LandfallError(
      'usage',
      'parity/generator-fails',
      `a generator of the operations fails: ${messageOf(cause)}`,
      {
        next: 'correct it; what earlier() stands for is not known yet when a map or a filter runs',
        cause,
      },
    )
  }
}

interface Place {
  readonly database: () => Promise<ParityDatabase>
  readonly empty: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A database for one implementation, made when it asks for it. */
function newPlace({ clone, schema }: TryParityOptions): Place {
  let made: Promise<{ database: Database; state: Emptied }> | null = null
  const make = async () => {
    const database = await clone()
    return { database, state: await emptied(database, schema) }
  }
  return {
    async database() {
      const { database } = await (made ??= make())
      return { url: database.url, superuserUrl: database.superuserUrl, schema }
    },
    empty: async () => (await made)?.state.empty(),
    async close() {
      const it = await made?.catch(() => null)
      await it?.state.close()
      await it?.database[Symbol.asyncDispose]()
    },
  }
}

async function openOne(name: string, open: Open<object>, place: Place): Promise<Opened<object>> {
  const opened = await named(name, 'cannot be opened', () => open(place))
  if (typeof (opened as Partial<Opened<object>> | null)?.fresh !== 'function')
    throw new LandfallError('usage', 'parity/not-opened', `the implementation ${name} does not return { fresh }`, {
      next: 'write: () => ({ fresh: (surroundings) => repositories(surroundings) })',
    })
  return {
    ...opened,
    async fresh(surroundings) {
      await place.empty()
      return named(name, 'cannot begin', () => opened.fresh(surroundings))
    },
    close: () => opened.close?.(),
  }
}

async function named<T>(name: string, what: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause
    throw new LandfallError('usage', 'parity/fails', `the implementation ${name} ${what}: ${messageOf(cause)}`, {
      next: 'correct it; what open and fresh throw is no difference between implementations',
      cause,
    })
  }
}

/** Counts calls, and what came of them. */
function newTally() {
  const counts = new Map<string, { calls: number; returned: number }>()
  return {
    count({ calls: made }: Step, outcomes: readonly Outcome[]): void {
      for (const [n, { operation }] of made.entries()) {
        const { calls, returned } = counts.get(operation) ?? { calls: 0, returned: 0 }
        counts.set(operation, { calls: calls + 1, returned: returned + (outcomes[n]!.kind === 'returned' ? 1 : 0) })
      }
    },
    sum: () => ({
      calls: [...counts.values()].reduce((sum, { calls }) => sum + calls, 0),
      neverSucceeded: [...counts].flatMap(([name, { calls, returned }]) =>
        calls >= MANY && returned === 0 ? [name] : [],
      ),
    }),
  }
}
