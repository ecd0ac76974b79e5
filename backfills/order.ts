import { LandfallError } from '../migrations/error.ts'
import type { Backfill } from './define.ts'

/**
 * Jobs in an order in which each stands behind those that it names in `after`; otherwise as they came.
 * @throws {LandfallError} `usage`: an unknown name, or a circle
 */
export function inOrder(jobs: readonly Backfill[]): Backfill[] {
  const byName = new Map(jobs.map((job) => [job.name, job]))
  const ordered = new Set<Backfill>()
  const visit = (job: Backfill, path: readonly string[]): void => {
    if (ordered.has(job)) return
    if (path.includes(job.name)) throw circle([...path.slice(path.indexOf(job.name)), job.name])
    for (const name of job.after) {
      const earlier = byName.get(name)
      if (earlier === undefined) throw unknownJob(job.name, name, [...byName.keys()])
      visit(earlier, [...path, job.name])
    }
    ordered.add(job)
  }
  for (const job of jobs) visit(job, [])
  return [...ordered]
}

const circle = (path: readonly string[]): LandfallError =>
  new LandfallError('usage', 'backfills/circular-order', `backfills wait for each other: ${path.join(' → ')}`, {
    next: 'take one of the names out of its after',
    fields: { path },
  })

const unknownJob = (job: string, name: string, known: readonly string[]): LandfallError =>
  new LandfallError(
    'usage',
    'backfills/unknown-job',
    `backfill ${job} is to run after ${name}, which is no job of this system`,
    {
      next: `correct after; the jobs are ${known.join(', ')}`,
      fields: { job, name },
    },
  )
