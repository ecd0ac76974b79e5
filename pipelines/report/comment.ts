import { z } from 'zod'
import { LandfallError } from '../../migrations/error.ts'
import { github, type GithubAccess, patiently } from './github-api.ts'
import type { GithubEvent } from './github-event.ts'
import { commentMarker, markdown } from './markdown.ts'
import { coverage } from './phrases.ts'
import type { RenderContext } from './render.ts'
import type { Report } from './report.ts'

export interface CommentOptions extends GithubAccess {
  /** Who writes the comments: only theirs are touched, since anyone can plant the marker. */
  readonly author?: string
}

/** What became of the comment. `skipped`: nothing was posted, and why. */
export type CommentOutcome =
  | { readonly done: 'created' | 'updated' | 'unchanged'; readonly url: string }
  | { readonly skipped: string }

/**
 * Keeps one comment on the pull request: created when there is something to say, updated afterwards, replaced by a short line
 * once all is well; never a second one. Not on forks, whose token can only read. Throws `github/api` when the API refuses.
 */
export const commentReport = async (
  report: Report,
  context: RenderContext,
  event: Pick<GithubEvent, 'repository' | 'pullRequest' | 'fork'>,
  options: CommentOptions,
): Promise<CommentOutcome> => {
  const { repository, pullRequest, fork } = event
  if (repository === null || pullRequest === null) return { skipped: 'this is not a run for a pull request' }
  if (fork) return { skipped: 'the pull request comes from a fork: see the step summary and the annotations' }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new LandfallError('usage', 'github/repository', `"${repository}" is not the name of a repository`, {
      next: 'GITHUB_REPOSITORY must be owner/name',
    })
  }
  const news = hasNews(report)
  const body = news ? markdown(report, context) : resolved(report, context)
  return patiently(options, () => upsert(repository, pullRequest, body, news, options))
}

/** Something that the pull request should hear of: what was known before is nothing new. */
const hasNews = ({ verdict, findings }: Report): boolean =>
  verdict !== 'pass' || findings.some(({ severity, isNew }) => severity !== 'info' && isNew !== false)

const resolved = (report: Report, { runUrl }: RenderContext): string =>
  [
    commentMarker,
    `✅ landfall: all findings of this pull request are resolved. Checked: ${coverage(report).join(', ')}.`,
    ...(runUrl === null ? [] : ['', `[The whole report](${runUrl})`]),
    '',
  ].join('\n')

const commentSchema = z.object({
  id: z.number().int(),
  html_url: z.string(),
  body: z.string().nullish(),
  user: z.object({ login: z.string() }).nullable(),
})
type Comment = z.output<typeof commentSchema>

const upsert = async (
  repository: string,
  pullRequest: number,
  body: string,
  news: boolean,
  options: CommentOptions,
): Promise<CommentOutcome> => {
  const existing = await findComment(repository, pullRequest, options)
  if (existing === null && !news) return { skipped: 'there is nothing to say' }
  if (existing === null) {
    const path = `/repos/${repository}/issues/${pullRequest}/comments`
    const created = await github(options, { method: 'POST', path, body: { body } }, commentSchema)
    return { done: 'created', url: created.html_url }
  }
  if (sameText(existing.body ?? '', body)) return { done: 'unchanged', url: existing.html_url }
  await github(
    options,
    { method: 'PATCH', path: `/repos/${repository}/issues/comments/${existing.id}`, body: { body } },
    commentSchema,
  )
  return { done: 'updated', url: existing.html_url }
}

/** GitHub may hand a body back with other line ends, and without its last one. */
const sameText = (a: string, b: string): boolean => a.replaceAll('\r\n', '\n').trimEnd() === b.trimEnd()

const pageSize = 100

const findComment = async (
  repository: string,
  pullRequest: number,
  options: CommentOptions,
): Promise<Comment | null> => {
  const author = options.author ?? 'github-actions[bot]'
  for (let page = 1; ; page += 1) {
    const path = `/repos/${repository}/issues/${pullRequest}/comments?per_page=${pageSize}&page=${page}`
    const comments = await github(options, { method: 'GET', path }, z.array(commentSchema))
    const ours = comments.find(({ user, body }) => user?.login === author && (body ?? '').startsWith(commentMarker))
    if (ours !== undefined) return ours
    if (comments.length < pageSize) return null
  }
}
