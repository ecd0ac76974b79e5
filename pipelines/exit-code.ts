import { LandfallError, type ErrorKind } from '../migrations/error.ts'

/** Exit codes are a contract: scripts rely on them. The table is printed by `landfall --help`. */
export const exitCodes = { pass: 0, findings: 1, usage: 2, environment: 3, stopped: 4, refused: 5, bug: 70 } as const

const ofKind: Readonly<Record<ErrorKind, number>> = exitCodes

/** Thrown, as the reason of the abort signal, when a signal asks landfall to stop. */
export class Interrupted extends Error {
  readonly exitCode: 130 | 143
  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`stopped by ${signal}`)
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.exitCode
  return error instanceof LandfallError ? ofKind[error.kind] : exitCodes.bug
}

const PRECEDENCE = [70, 130, 143, 3, 2, 5, 4, 1]

/** Several causes: 70, a signal, 3, 2, 5, 4, 1: the first wins; 0 when there is none. */
export const worstOf = (codes: readonly number[]): number => PRECEDENCE.find((code) => codes.includes(code)) ?? 0

export const verdictOfCode = (code: number): 'pass' | 'fail' | 'error' =>
  code === 0 ? 'pass' : code === 1 || code === 4 || code === 5 ? 'fail' : 'error'
