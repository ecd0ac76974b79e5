import { rehearse as rehearseJobs, type Rehearsal } from '../../backfills/rehearse.ts'
import { rehearsalFindings } from '../../checks/backfill-findings.ts'
import { LandfallError } from '../../migrations/error.ts'
import { copyOfTarget, withoutRuns } from '../backfill-copy.ts'
import { namedJobs } from '../backfill-run.ts'
import { exitCodeOf } from '../exit-code.ts'
import { loadConfig } from '../load-config.ts'
import { backfillReport } from '../report/build.ts'
import { command, judged, placed } from './backfill-command.ts'
import { jsonText, rehearsalLines } from './backfill-text.ts'

export const rehearse = command('rehearse', async (context, flags, ...names) => {
  const config = await loadConfig(context, flags.config ?? null)
  const jobs = namedJobs(await placed(context, flags), names)
  const [{ system, schema, root }] = jobs as [(typeof jobs)[0]]
  const other = jobs.find((job) => job.system !== system)
  if (other !== undefined)
    throw new LandfallError('usage', 'backfills/several-systems', `${names.join(', ')} are of several systems`, {
      next: `name the jobs of one, with --system ${system}`,
    })
  await using copy = await copyOfTarget({
    jobs,
    system: config.systems.find(({ name }) => name === system)!,
    server: {
      ...config.postgres,
      provider: flags.provider ?? config.postgres.provider,
      serverUrl: context.env['LANDFALL_SERVER_URL'] || null,
      dockerHost: context.env['DOCKER_HOST'] || null,
      cache: null,
    },
    signal: context.signal,
  })
  context.say(`on ${copy.how}`)
  for (const job of jobs.toReversed()) await withoutRuns({ ...job, url: copy.url })
  const known = new Set(jobs.map(({ job }) => job.name))
  const rehearsals = await rehearseJobs({
    url: copy.url,
    schema,
    root,
    system,
    // What comes before and is not named is taken as it is there.
    jobs: jobs.map(({ job, file }) => ({ file, job: { ...job, after: job.after.filter((name) => known.has(name)) } })),
    signal: context.signal,
  })
  const findings = judged(jobs[0]!, rehearsals.flatMap(rehearsalFindings))
  const interrupted = context.signal.aborted ? exitCodeOf(context.signal.reason) : 0
  return {
    exitCode: interrupted || (rehearsals.every(isSound) ? 0 : 1),
    text: flags.json ? jsonText({ copy: copy.how, rehearsals }) : rehearsals.map(rehearsalLines).join(''),
    root,
    systems: [{ name: system, migrations: [], drift: null, backfills: rehearsals.map(backfillReport) }],
    findings,
  }
})

const isSound = ({ error, rejected, verified, rolledBack }: Rehearsal): boolean =>
  error === null && rejected === 0 && verified === true && rolledBack === true
