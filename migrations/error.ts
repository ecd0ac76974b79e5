import { z } from 'zod'

/** A place in a source file. Lines and columns count from 1; `file` is relative to the config file where possible. */
export interface Location {
  readonly file: string
  readonly line: number | null
  readonly column: number | null
}

/**
 * What kind of trouble an error is; `pipelines/exit-code.ts` maps each kind to the exit code of the contract.
 * `usage`: the input is wrong (2) · `environment`: the machine is (3) · `stopped`: part-way and resumable (4) ·
 * `refused`: a rollback would lose later writes (5) · `findings`: the answer is no (1).
 */
export type ErrorKind = 'usage' | 'environment' | 'stopped' | 'refused' | 'findings'

export interface ErrorDetails {
  /** What to do about it: a sentence or a command. */
  readonly next?: string
  readonly location?: Location
  readonly cause?: unknown
  /** Machine-readable fields of this error, free of secrets. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/** The one error class: a stable `code`, a message that says what and where, and the next step. */
export class LandfallError extends Error {
  override readonly name = 'LandfallError'
  readonly kind: ErrorKind
  readonly code: string
  readonly next: string | null
  readonly location: Location | null
  readonly fields: Readonly<Record<string, unknown>>

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.kind = kind
    this.code = code
    this.next = details.next ?? null
    this.location = details.location ?? null
    this.fields = details.fields ?? {}
  }
}

/** The message of anything that was thrown; of a ZodError its first issues, not the JSON of all of them. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  if (error instanceof z.ZodError) return issuesText(error)
  return error instanceof Error || hasMessage(error) ? error.message : String(error)
}

const SHOWN_ISSUES = 3

function issuesText({ issues }: z.ZodError): string {
  const shown = issues
    .slice(0, SHOWN_ISSUES)
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
  return issues.length > SHOWN_ISSUES
    ? `${shown.join('; ')}; and ${issues.length - SHOWN_ISSUES} more`
    : shown.join('; ')
}

/** An error that went through a serializer keeps its message and loses its class. */
const hasMessage = (error: unknown): error is { message: string } =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
