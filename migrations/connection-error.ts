import { LandfallError, messageOf } from './error.ts'

/** The server or the way to it is gone: no judgement on a script. postgres.js' own codes are in capitals. */
export const isConnectionError = (error: unknown): boolean => {
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  return /^(CONNECT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND)/.test(code) || /^(08|57P0)/.test(code)
}

/** A lost connection as the trouble of the environment that it is; any other error as it stands. */
export const namingLostConnection = (error: unknown): unknown =>
  isConnectionError(error)
    ? new LandfallError('environment', 'database/connection-lost', `the connection was lost: ${messageOf(error)}`, {
        next: 'see whether the server still runs, and why it stopped',
        cause: error,
      })
    : error
