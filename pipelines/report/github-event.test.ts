import { expect, test } from 'vitest'
import { LandfallError } from '../../migrations/error.ts'
import { readGithubEvent } from './github-event.ts'

const env = {
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_SHA: 'f'.repeat(40),
  GITHUB_BASE_REF: 'main',
  GITHUB_RUN_ID: '42',
  GITHUB_STEP_SUMMARY: '/tmp/summary.md',
  GITHUB_WORKSPACE: '/home/runner/work/shop/shop',
  GITHUB_EVENT_PATH: '/tmp/event.json',
}

const pull = (head: string | null): string =>
  JSON.stringify({
    action: 'synchronize',
    pull_request: {
      number: 7,
      head: { sha: 'a'.repeat(40), ref: 'feature', repo: head === null ? null : { full_name: head } },
      base: { ref: 'release/2', sha: 'b'.repeat(40), repo: { full_name: 'acme/shop' } },
    },
  })

test('a pull request names its head commit, its base branch and its run', () => {
  expect(readGithubEvent(env, pull('acme/shop'))).toEqual({
    repository: 'acme/shop',
    pullRequest: 7,
    fork: false,
    base: 'origin/release/2',
    headSha: 'a'.repeat(40),
    runUrl: 'https://github.com/acme/shop/actions/runs/42',
    sourceUrl: `https://github.com/acme/shop/blob/${'a'.repeat(40)}`,
    summaryFile: '/tmp/summary.md',
    workspace: '/home/runner/work/shop/shop',
    apiUrl: 'https://api.github.com',
  })
})

test('another head repository is a fork, and so is one that was deleted', () => {
  expect(['stranger/shop', null].map((head) => readGithubEvent(env, pull(head)).fork)).toEqual([true, true])
})

test('a push has no pull request; outside of GitHub nothing is known', () => {
  expect(readGithubEvent({ ...env, GITHUB_BASE_REF: '' }, JSON.stringify({ ref: 'refs/heads/main' }))).toMatchObject({
    pullRequest: null,
    fork: false,
    base: null,
    headSha: 'f'.repeat(40),
  })
  expect(readGithubEvent({}, null)).toEqual({
    repository: null,
    pullRequest: null,
    fork: false,
    base: null,
    headSha: null,
    runUrl: null,
    sourceUrl: null,
    summaryFile: null,
    workspace: null,
    apiUrl: 'https://api.github.com',
  })
})

test('the base is that of the event: a branch, the commit that a merge group is built on, what a push replaced', () => {
  const [before, repository] = ['c'.repeat(40), { default_branch: 'trunk' }]
  const events = {
    'merge group': { merge_group: { base_sha: 'b'.repeat(40), base_ref: 'refs/heads/trunk' }, repository },
    'push to the default branch': { ref: 'refs/heads/trunk', before, repository },
    'its first push': { ref: 'refs/heads/trunk', before: '0'.repeat(40), repository },
    'push to a branch': { ref: 'refs/heads/feature/x', before, repository },
    tag: { ref: 'refs/tags/v1', before: '0'.repeat(40), repository },
    schedule: { schedule: '5 4 * * *', repository },
    'by hand': { ref: 'refs/heads/feature/x', inputs: {}, repository },
  }
  const noBase = { ...env, GITHUB_BASE_REF: '' }
  const bases = Object.entries(events).map(([name, event]) => [
    name,
    readGithubEvent(noBase, JSON.stringify(event)).base,
  ])
  expect(Object.fromEntries(bases)).toEqual({
    'merge group': 'b'.repeat(40),
    'push to the default branch': before,
    'its first push': null,
    'push to a branch': 'origin/trunk',
    tag: null,
    schedule: null,
    'by hand': null,
  })
  expect(readGithubEvent(env, null).base).toBe('origin/main')
})

test('an event that is none is one clear error', () => {
  const refusals = ['{', '{"pull_request": {"number": "7"}}'].map((text) => {
    try {
      return readGithubEvent(env, text)
    } catch (error) {
      return error instanceof LandfallError ? [error.code, error.message.split('\n')[0]] : error
    }
  })
  expect(refusals).toEqual([
    ['github/event', '/tmp/event.json is not an event of GitHub Actions: it is not JSON'],
    [
      'github/event',
      '/tmp/event.json is not an event of GitHub Actions: ✖ Invalid input: expected number, received string',
    ],
  ])
})
