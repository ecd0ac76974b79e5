import { LandfallError } from '../migrations/error.ts'
import { importDefault, teamFiles, type TeamModule } from '../migrations/team-module.ts'
import { parseBackfill, type Backfill } from './define.ts'

/** A job and the file that it is written in, relative to the config file. */
export interface LoadedJob {
  readonly job: Backfill
  readonly file: string
}

export interface LoadOptions {
  /** The directory of the config file. */
  readonly root: string
  /** Relative to `root`. */
  readonly globs: readonly string[]
}

const jobFile: TeamModule = { family: 'backfills', kind: 'job', example: 'export default defineBackfill({ … })' }

/**
 * Imports the job files, in the order of their names; tests and declarations beside them are left out. The process
 * must be able to import TypeScript.
 * @throws {LandfallError} `usage`: no file, a file that fails, that exports no job, or a name that is there twice
 */
export async function loadJobs({ root, globs }: LoadOptions): Promise<LoadedJob[]> {
  const jobs: LoadedJob[] = []
  for (const file of await teamFiles(root, globs, jobFile)) {
    const job = await importDefault(root, file, jobFile, parseBackfill)
    const twin = jobs.find((other) => other.job.name === job.name)
    if (twin !== undefined)
      throw new LandfallError(
        'usage',
        'backfills/duplicate-name',
        `${file} and ${twin.file} both define the backfill ${job.name}`,
        {
          next: 'give one of them another name',
          location: { file, line: null, column: null },
        },
      )
    jobs.push({ job, file })
  }
  return jobs
}
