import { setTimeout as wait } from 'node:timers/promises'
import type { z } from 'zod'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { clipped, oneLine } from './plain-text.ts'

export interface GithubAccess {
  /** Without a slash at the end. */
  readonly apiUrl: string
  readonly token: string
  /** Pauses between attempts; tests do not wait. */
  readonly sleep?: (ms: number) => Promise<unknown>
}

export interface GithubRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** Below the API's address, with a leading slash. */
  readonly path: string
  readonly body?: unknown
}

/** A request that may succeed when it is made again. */
class Busy extends Error {
  readonly afterMs: number | null
  readonly refusal: LandfallError
  constructor(refusal: LandfallError, afterMs: number | null) {
    super(refusal.message)
    this.refusal = refusal
    this.afterMs = afterMs
  }
}

const attempts = 4
const longestWaitMs = 60_000

/**
 * One request to the REST API and its answer, of the shape asked for. Throws an environment error without the token in it; what
 * invites another attempt (5xx, a rate limit, a lost connection) is known to `patiently`, inside of which it must be called.
 */
export const github = async <T>(
  { apiUrl, token }: GithubAccess,
  { method, path, body }: GithubRequest,
  answer: z.ZodType<T>,
): Promise<T> => {
  const what = `${method} ${apiUrl}${path}`
  const response = await fetch(apiUrl + path, {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'user-agent': 'landfall',
      'x-github-api-version': '2022-11-28',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
    throw new Busy(
      refusal(`${what} got no answer: ${cause}`, token, 'check that the API can be reached from here'),
      null,
    )
  })
  const text = await response.text()
  if (response.ok) {
    const parsed = answer.safeParse(jsonOf(text))
    if (parsed.success) return parsed.data
    const problem = `${what} was answered with ${response.status}, but not as the GitHub API answers: ${clipped(oneLine(text), 300)}`
    throw refusal(problem, token, 'check GITHUB_API_URL, and proxies on the way to it')
  }
  const error = refusal(
    `${what} was answered with ${response.status}: ${clipped(oneLine(text), 300)}`,
    token,
    [401, 403, 404].includes(response.status)
      ? 'give the job `permissions: pull-requests: write`, and the step the token of that job'
      : 'run it again later',
  )
  throw isBusy(response, text) ? new Busy(error, pauseMs(response)) : error
}

/** Runs `work` again, a few times and politely, while the API is busy. `work` must be safe to repeat from its beginning. */
export const patiently = async <T>({ sleep = wait }: GithubAccess, work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Busy)) throw error
      const pause = error.afterMs ?? 1000 * 2 ** (attempt - 1)
      if (attempt === attempts || pause > longestWaitMs) throw error.refusal
      await sleep(pause)
    }
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isBusy = ({ status, headers }: Response, text: string): boolean =>
  status >= 500 ||
  status === 429 ||
  (status === 403 &&
    (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0' || /rate limit/i.test(text)))

/** What the answer asks for, in milliseconds: `retry-after`, or the reset of the rate limit. */
const pauseMs = ({ headers }: Response): number | null => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000)
  const reset = headers.get('x-ratelimit-remaining') === '0' ? Number(headers.get('x-ratelimit-reset')) : 0
  return reset > 0 ? Math.max(1000, reset * 1000 - Date.now()) : null
}

const refusal = (message: string, token: string, next: string): LandfallError =>
  new LandfallError('environment', 'github/api', token === '' ? message : message.replaceAll(token, '***'), { next })
