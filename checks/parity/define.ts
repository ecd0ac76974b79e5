import type { Arbitrary } from 'fast-check'
import { z } from 'zod'
import { LandfallError } from '../../migrations/error.ts'
import type { Normalise } from './normalise.ts'

/** A database of an implementation's own: a copy of the replayed one, emptied before each sequence. */
export interface ParityDatabase {
  /** Connects as the owner of the tables. */
  readonly url: string
  /** Connects as a superuser; `?role=app` at its end makes the session work as that role. */
  readonly superuserUrl: string
  /** The schema of the system. */
  readonly schema: string
}

/** What an implementation can ask for when it is opened. */
export interface ParityPlace {
  /** Made when it is first asked for. */
  readonly database: () => Promise<ParityDatabase>
}

/** Time and ids, the same for both implementations: during one call time stands still. */
export interface Surroundings {
  /** In whole milliseconds. */
  readonly now: () => Date
  /** A UUID, in lower case; their order tells nothing about time. */
  readonly newId: () => string
}

/** An implementation that is ready. */
export interface Opened<T> {
  /** The repositories with nothing in them but what every sequence begins with. */
  readonly fresh: (surroundings: Surroundings) => T | Promise<T>
  readonly close?: () => unknown
}

/** Opens an implementation, once for all sequences. */
export type Open<T> = (place: ParityPlace) => Opened<T> | Promise<Opened<T>>

type Method = (...args: never) => unknown

/** The methods of a repository interface, by path: `projects.create`. */
export type OperationName<T> = {
  [K in keyof T & string]: T[K] extends Method ? K : T[K] extends object ? `${K}.${OperationName<T[K]>}` : never
}[keyof T & string]

type MethodAt<T, P extends string> = P extends keyof T
  ? T[P]
  : P extends `${infer K}.${infer Rest}`
    ? K extends keyof T
      ? MethodAt<T[K], Rest>
      : never
    : never

/** A generator for each argument of a method. */
type Arguments<F> = F extends (...args: infer A) => unknown
  ? { readonly [K in keyof A]: Arbitrary<A[K]> }
  : readonly Arbitrary<unknown>[]

/** What the methods are called with. */
export type Operations<T> = { readonly [P in OperationName<T>]?: Arguments<MethodAt<T, P>> }

type ErrorClass = abstract new (...args: never) => Error

/** What a team writes in a `*.parity.ts`; `T` is the interface that both implementations have. */
export interface ParityDefinition<T> {
  /** Two, by the names that findings call them: the one that is believed, and the one that is held to it. */
  readonly implementations: Readonly<Record<string, Open<T>>>
  readonly operations: Operations<T>
  /**
   * Operations that are also called two at a time: what the second implementation answers must be what the first answers
   * to one order of the two.
   */
  readonly concurrent?: readonly OperationName<T>[]
  /** The class of the interface's own errors, or several. Any other error is a finding. Without it all are allowed. */
  readonly errors?: ErrorClass | readonly ErrorClass[]
  /** What results and errors go through before they are compared. */
  readonly normalise?: readonly Normalise[]
  /** How many sequences; default 6. */
  readonly runs?: number
  /** Steps of a sequence, after those that make what others refer to; default 30. */
  readonly calls?: number
}

/** A checked definition. */
export interface Parity {
  readonly implementations: readonly [Named, Named]
  readonly operations: ReadonlyMap<string, readonly Arbitrary<unknown>[]>
  readonly concurrent: ReadonlySet<string>
  /** Whether an error is one of the interface's own. */
  readonly isOwnError: (error: unknown) => boolean
  readonly normalise: readonly Normalise[]
  readonly runs: number
  readonly calls: number
}

interface Named {
  readonly name: string
  readonly open: Open<object>
}

const callable = <F>() => z.custom<F>((value) => typeof value === 'function', 'expected a function')
const arbitrary = z.custom<Arbitrary<unknown>>(
  (value) => typeof (value as { generate?: unknown } | null)?.generate === 'function',
  'expected a generator of fast-check',
)
const count = z.int().min(1).max(1_000_000)

const definition = z
  .strictObject({
    implementations: z
      .record(z.string().min(1), callable<Open<object>>())
      .refine((all) => Object.keys(all).length === 2, 'expected two implementations'),
    operations: z
      .record(z.string().min(1), z.array(arbitrary))
      .refine((all) => Object.keys(all).length > 0, 'expected at least one operation'),
    concurrent: z.array(z.string()).default([]),
    errors: z.union([callable<ErrorClass>(), z.array(callable<ErrorClass>()).min(1)]).optional(),
    normalise: z.array(callable<Normalise>()).default([]),
    runs: count.default(6),
    calls: count.default(30),
  })
  .superRefine(({ operations, concurrent }, context) => {
    for (const name of concurrent)
      if (!Object.hasOwn(operations, name))
        context.addIssue({ code: 'custom', path: ['concurrent'], message: `there is no operation "${name}"` })
  })

/** Two implementations of a repository interface and what they are asked: the default export of a `*.parity.ts`. */
export const defineParity = <T extends object>(parity: ParityDefinition<T>): ParityDefinition<T> => parity

/**
 * Checks a definition, every mistake at once.
 * @throws {LandfallError} `usage`, `parity/invalid`
 */
export function parseParity(value: unknown): Parity {
  const result = definition.safeParse(value)
  if (!result.success) {
    const mistakes = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the parity'}: ${message}`)
    throw new LandfallError('usage', 'parity/invalid', `the parity is not valid: ${mistakes.join('; ')}`, {
      next: 'correct the file; defineParity() shows its keys',
      fields: { mistakes },
    })
  }
  const { implementations, operations, concurrent, errors, ...rest } = result.data
  const [first, second] = Object.entries(implementations).map(([name, open]) => ({ name, open }))
  const classes = errors === undefined ? null : [errors].flat()
  return {
    ...rest,
    implementations: [first!, second!],
    operations: new Map(Object.entries(operations)),
    concurrent: new Set(concurrent),
    isOwnError: (error) => classes === null || classes.some((each) => error instanceof each),
  }
}
