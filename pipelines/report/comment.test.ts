import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { LandfallError } from '../../migrations/error.ts'
import { commentReport } from './comment.ts'
import { clean, context, single, thousands } from './golden/samples.ts'
import { commentMarker, markdown } from './markdown.ts'

const bot = 'github-actions[bot]'
const token = 'ghs_secretsecret'
const pull = { repository: 'acme/shop', pullRequest: 7, fork: false }

interface Stored {
  id: number
  html_url: string
  body: string
  user: { login: string } | null
}

/** Another answer than the ordinary one, for the n-th request. */
type Trouble = Readonly<
  Record<number, { status: number; headers?: Record<string, string>; body?: string; lost?: true }>
>

/** The four endpoints that are used, with GitHub's paging, checks and limits, on a port of this machine. */
const standIn = async (comments: Stored[], trouble: Trouble = {}) => {
  const requests: string[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    requests.push(`${request.method} ${url.pathname}${url.search}`)
    const send = (status: number, body: unknown, headers = {}): void =>
      void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
    const wrong = trouble[requests.length]
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    if (wrong !== undefined && wrong.lost !== true) return send(wrong.status, wrong.body ?? '{}', wrong.headers)
    if (request.headers.authorization !== `Bearer ${token}`) return send(401, { message: 'Bad credentials' })
    const { body = '' } = (text === '' ? {} : JSON.parse(text)) as { body?: string }
    if (body.length > 65_536) return send(422, { message: 'body is too long (maximum is 65536 characters)' })
    if (url.pathname === '/repos/acme/shop/issues/7/comments') {
      if (request.method === 'POST') {
        const created = {
          id: comments.length + 1,
          html_url: `https://github.test/${comments.length + 1}`,
          body,
          user: { login: bot },
        }
        comments.push(created)
        if (wrong?.lost) return void request.socket.destroy()
        return send(201, created)
      }
      const [size, page] = [Number(url.searchParams.get('per_page') ?? 30), Number(url.searchParams.get('page') ?? 1)]
      return send(200, comments.slice((page - 1) * size, page * size))
    }
    const stored = comments.find(({ id }) => url.pathname === `/repos/acme/shop/issues/comments/${id}`)
    if (stored === undefined || request.method !== 'PATCH') return send(404, { message: 'Not Found' })
    stored.body = body
    return send(200, stored)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const pauses: number[] = []
  return {
    requests,
    pauses,
    options: {
      apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      token,
      sleep: async (ms: number) => void pauses.push(ms),
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((closed) => void (server.closeAllConnections(), server.close(() => closed()))),
  }
}

const comment = (id: number, login: string | null, body: string): Stored => ({
  id,
  html_url: `https://github.test/${id}`,
  body,
  user: login === null ? null : { login },
})

test('the first finding makes a comment, the next run changes it, and there is never a second one', async () => {
  const comments: Stored[] = []
  await using api = await standIn(comments)
  expect([
    await commentReport(single, context, pull, api.options),
    await commentReport(single, context, pull, api.options),
    await commentReport(thousands, context, pull, api.options),
  ]).toEqual([
    { done: 'created', url: 'https://github.test/1' },
    { done: 'unchanged', url: 'https://github.test/1' },
    { done: 'updated', url: 'https://github.test/1' },
  ])
  expect(comments).toEqual([comment(1, bot, markdown(thousands, context))])
})

test('a comment that is all well becomes one line; where there is none, none is made', async () => {
  const comments: Stored[] = []
  await using api = await standIn(comments)
  expect(await commentReport(clean, context, pull, api.options)).toEqual({ skipped: 'there is nothing to say' })
  await commentReport(single, context, pull, api.options)
  expect(await commentReport(clean, context, pull, api.options)).toEqual({
    done: 'updated',
    url: 'https://github.test/1',
  })
  expect(comments).toEqual([
    comment(
      1,
      bot,
      `${commentMarker}\n✅ landfall: all findings of this pull request are resolved. Checked: 2 of 2 migrations proven, 4 types ↔ 4 tables, 31 columns (1 unchecked), 2 backfills, 6 checks (1 skipped).\n\n[The whole report](${context.runUrl})\n`,
    ),
  ])
})

test('findings that were known before are nothing to say', async () => {
  const comments: Stored[] = []
  await using api = await standIn(comments)
  const known = { ...clean, findings: single.findings.map((finding) => ({ ...finding, isNew: false })) }
  expect(await commentReport(known, context, pull, api.options)).toEqual({ skipped: 'there is nothing to say' })
  expect(comments).toEqual([])
})

test('the comment is found on the third page, past the marker that others planted', async () => {
  const planted = comment(1, 'mallory', `${commentMarker}\nall is well, says mallory`)
  const quoted = comment(2, bot, `> ${commentMarker}`)
  const deleted = comment(3, null, commentMarker)
  const talk = Array.from({ length: 220 }, (_, index) => comment(index + 4, 'reviewer', `remark ${index}`))
  const ours = comment(224, bot, `${commentMarker}\nold`)
  const comments = [planted, quoted, deleted, ...talk, ours]
  await using api = await standIn(comments)
  expect(await commentReport(single, context, pull, api.options)).toEqual({
    done: 'updated',
    url: 'https://github.test/224',
  })
  expect(comments.filter(({ body }) => body === markdown(single, context)).map(({ id }) => id)).toEqual([224])
  expect(api.requests).toEqual([
    'GET /repos/acme/shop/issues/7/comments?per_page=100&page=1',
    'GET /repos/acme/shop/issues/7/comments?per_page=100&page=2',
    'GET /repos/acme/shop/issues/7/comments?per_page=100&page=3',
    'PATCH /repos/acme/shop/issues/comments/224',
  ])
})

test('a fork, and a run without a pull request, ask nothing of the API', async () => {
  await using api = await standIn([])
  expect([
    await commentReport(single, context, { ...pull, fork: true }, api.options),
    await commentReport(single, context, { ...pull, pullRequest: null }, api.options),
  ]).toEqual([
    { skipped: 'the pull request comes from a fork: see the step summary and the annotations' },
    { skipped: 'this is not a run for a pull request' },
  ])
  expect(api.requests).toEqual([])
})

test('a busy API is asked again after the pause that it names', async () => {
  const comments: Stored[] = []
  await using api = await standIn(comments, {
    1: { status: 502 },
    2: { status: 403, headers: { 'retry-after': '7' }, body: '{"message":"You have exceeded a secondary rate limit"}' },
  })
  expect(await commentReport(single, context, pull, api.options)).toEqual({
    done: 'created',
    url: 'https://github.test/1',
  })
  expect(api.pauses).toEqual([1000, 7000])
})

test('a post whose answer is lost is looked for before it is made again', async () => {
  const comments: Stored[] = []
  await using api = await standIn(comments, { 2: { status: 0, lost: true } })
  expect(await commentReport(single, context, pull, api.options)).toEqual({
    done: 'unchanged',
    url: 'https://github.test/1',
  })
  expect(api.requests.map((request) => request.split(' ')[0])).toEqual(['GET', 'POST', 'GET'])
  expect(comments.length).toBe(1)
})

const refusal = async (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) =>
    error instanceof LandfallError ? [error.kind, error.code, error.message, error.next] : error,
  )

test('a refusal names the request, the answer and the way out, and never the token', async () => {
  await using api = await standIn([], { 1: { status: 403, body: `{"message":"Resource not accessible, ${token}"}` } })
  expect(await refusal(commentReport(single, context, pull, api.options))).toEqual([
    'environment',
    'github/api',
    `GET ${api.options.apiUrl}/repos/acme/shop/issues/7/comments?per_page=100&page=1 was answered with 403: {"message":"Resource not accessible, ***"}`,
    'give the job `permissions: pull-requests: write`, and the step the token of that job',
  ])
  expect(api.requests.length).toBe(1)
})

test('patience ends: after four attempts, or when the pause would be longer than a minute', async () => {
  const busy = { status: 503, body: 'down' }
  await using down = await standIn([], { 1: busy, 2: busy, 3: busy, 4: busy })
  expect(await refusal(commentReport(single, context, pull, down.options))).toMatchObject([
    'environment',
    'github/api',
    {},
    'run it again later',
  ])
  expect([down.requests.length, down.pauses]).toEqual([4, [1000, 2000, 4000]])
  await using limited = await standIn([], { 1: { status: 429, headers: { 'retry-after': '3600' } } })
  expect(await refusal(commentReport(single, context, pull, limited.options))).toMatchObject([
    'environment',
    'github/api',
    {},
    'run it again later',
  ])
  expect(limited.requests.length).toBe(1)
})

test("an answer that is not the API's is refused, not misread", async () => {
  await using proxy = await standIn([], { 1: { status: 200, body: '<html>sign in</html>' } })
  expect(await refusal(commentReport(single, context, pull, proxy.options))).toEqual([
    'environment',
    'github/api',
    `GET ${proxy.options.apiUrl}/repos/acme/shop/issues/7/comments?per_page=100&page=1 was answered with 200, but not as the GitHub API answers: <html>sign in</html>`,
    'check GITHUB_API_URL, and proxies on the way to it',
  ])
})
