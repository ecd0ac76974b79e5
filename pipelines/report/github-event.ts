import { z } from 'zod'
import { LandfallError } from '../../migrations/error.ts'

/** What a GitHub Actions job knows about itself. Null: not known, or not in such a job. */
export interface GithubEvent {
  /** `owner/name`. */
  readonly repository: string | null
  /** The number of the pull request. */
  readonly pullRequest: number | null
  /** The head repository is another one than the base repository: the token can only read. */
  readonly fork: boolean
  /** What the checkout is compared with, as git names it: `origin/main`, or a commit. */
  readonly base: string | null
  /** The commit that lines are linked at: the head of the pull request, not its merge commit. */
  readonly headSha: string | null
  readonly runUrl: string | null
  /** `https://github.com/owner/name/blob/<headSha>`. */
  readonly sourceUrl: string | null
  /** The file of the step summary. */
  readonly summaryFile: string | null
  /** The root of the checkout. */
  readonly workspace: string | null
  /** `https://api.github.com`, or that of a GitHub Enterprise server. */
  readonly apiUrl: string
}

const repository = z.object({ full_name: z.string() })
const eventSchema = z.object({
  pull_request: z
    .object({
      number: z.number().int().positive(),
      /** Null when the fork was deleted. */
      head: z.object({ sha: z.string(), repo: repository.nullable() }),
      base: z.object({ ref: z.string(), repo: repository }),
    })
    .optional(),
  merge_group: z.object({ base_sha: z.string() }).optional(),
  /** Of a push. */
  ref: z.string().nullish(),
  before: z.string().nullish(),
  repository: z.object({ default_branch: z.string().optional() }).optional(),
})

/**
 * Reads the variables of a GitHub Actions job, and the text of the file at `GITHUB_EVENT_PATH` (null when there is none).
 * Throws a usage error when that text is not an event.
 */
export const readGithubEvent = (
  env: Readonly<Record<string, string | undefined>>,
  eventText: string | null,
): GithubEvent => {
  const known = (name: string): string | null => env[name] || null
  const event = eventText === null ? {} : parseEvent(eventText, known('GITHUB_EVENT_PATH'))
  const pull = event.pull_request
  const name = known('GITHUB_REPOSITORY')
  const home = name && `${known('GITHUB_SERVER_URL') ?? 'https://github.com'}/${name}`
  const headSha = pull?.head.sha ?? known('GITHUB_SHA')
  const runId = known('GITHUB_RUN_ID')
  return {
    repository: name,
    pullRequest: pull?.number ?? null,
    fork: pull !== undefined && pull.head.repo?.full_name !== pull.base.repo.full_name,
    base: baseOf(event) ?? branchOf(known('GITHUB_BASE_REF')),
    headSha,
    runUrl: home && runId && `${home}/actions/runs/${runId}`,
    sourceUrl: home && headSha && `${home}/blob/${headSha}`,
    summaryFile: known('GITHUB_STEP_SUMMARY'),
    workspace: known('GITHUB_WORKSPACE'),
    apiUrl: known('GITHUB_API_URL') ?? 'https://api.github.com',
  }
}

const branchOf = (name: string | null): string | null => name && `origin/${name}`

/**
 * A pull request is compared with the branch that it goes into, a merge group with the commit that it is built on, a push
 * to the default branch with what was there before it, and one to another branch with the default branch.
 */
const baseOf = ({
  pull_request,
  merge_group,
  ref,
  before,
  repository,
}: z.output<typeof eventSchema>): string | null => {
  if (pull_request) return branchOf(pull_request.base.ref)
  if (merge_group) return merge_group.base_sha
  const branch = repository?.default_branch
  if (!before || branch === undefined || !ref?.startsWith('refs/heads/')) return null
  if (ref !== `refs/heads/${branch}`) return branchOf(branch)
  return /^0+$/.test(before) ? null : before
}

const parseEvent = (text: string, path: string | null): z.output<typeof eventSchema> => {
  const file = path ?? 'GITHUB_EVENT_PATH'
  try {
    const event = eventSchema.safeParse(JSON.parse(text))
    if (event.success) return event.data
    throw unreadable(file, z.prettifyError(event.error))
  } catch (error) {
    throw error instanceof LandfallError ? error : unreadable(file, 'it is not JSON')
  }
}

const unreadable = (file: string, problem: string): LandfallError =>
  new LandfallError('usage', 'github/event', `${file} is not an event of GitHub Actions: ${problem}`, {
    next: 'leave GITHUB_EVENT_PATH as the runner sets it, or unset it',
    location: { file, line: null, column: null },
  })
