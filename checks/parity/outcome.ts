import { isDeepStrictEqual } from 'node:util'
import { comparable, type Normalise } from './normalise.ts'

/** What became of a call, as it is compared. */
export type Outcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  /** Told apart by class and fields; the message is for people. `own`: one of the interface's errors. */
  | {
      readonly kind: 'thrown'
      readonly name: string
      readonly fields: object
      readonly message: string
      readonly own: boolean
    }
  | { readonly kind: 'silent' }

/** What a call did, before it is made comparable. */
export type Settled = { readonly value: unknown } | { readonly error: unknown } | 'silent'

export function outcomeOf(
  settled: Settled,
  normalisers: readonly ReturnType<Normalise>[],
  isOwnError: (error: unknown) => boolean,
): Outcome {
  if (settled === 'silent') return { kind: 'silent' }
  if ('value' in settled) return { kind: 'returned', value: comparable(settled.value, normalisers) }
  const { error } = settled
  if (!(error instanceof Error)) {
    const fields = { value: comparable(error, normalisers) }
    return { kind: 'thrown', name: typeof error, fields, message: String(error), own: isOwnError(error) }
  }
  const { name, message, stack: _, cause: __, ...rest } = error as Error & Record<string, unknown>
  const fields = comparable(rest, normalisers) as object
  return { kind: 'thrown', name, fields, message, own: isOwnError(error) }
}

/** Whether two calls came to the same: the same value, or an error of the same class with the same fields. */
export const isSameOutcome = (a: Outcome, b: Outcome): boolean => isDeepStrictEqual(compared(a), compared(b))

const compared = (outcome: Outcome): unknown =>
  outcome.kind === 'thrown' ? { name: outcome.name, fields: outcome.fields } : outcome

/** Where two values part first, such as `[0].updatedAt`; null when they are of different make as a whole. */
export function firstDifference(a: unknown, b: unknown, path = ''): string | null {
  if (!isBranch(a) || !isBranch(b) || Array.isArray(a) !== Array.isArray(b)) return path === '' ? null : path
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [one, other] = [(a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]]
    if (isDeepStrictEqual(one, other)) continue
    const step = Array.isArray(a) ? `[${key}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`
    return firstDifference(one, other, path + step)
  }
  return path === '' ? null : path
}

const isBranch = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
