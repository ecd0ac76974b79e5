import { glob } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LandfallError, messageOf, type Location } from '../migrations/error.ts'
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

/**
 * Imports the job files, in the order of their names; tests and declarations beside them are left out. The process
 * must be able to import TypeScript.
 * @throws {LandfallError} `usage`: no file, a file that fails, that exports no job, or a name that is there twice
 */
export async function loadJobs({ root, globs }: LoadOptions): Promise<LoadedJob[]> {
  const files = await Array.fromAsync(glob([...globs], { cwd: root }))
  const jobFiles = [...new Set(files)]
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.(test|spec|d)\.[cm]?ts$/.test(file))
    .toSorted()
  if (jobFiles.length === 0)
    throw new LandfallError('usage', 'backfills/no-files', `no job file matches ${globs.join(', ')}`, {
      next: 'correct backfills in the config; its globs are relative to the config file',
    })
  const jobs: LoadedJob[] = []
  for (const path of jobFiles) {
    const file = path.split(sep).join('/')
    const job = await importJob(root, file)
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

async function importJob(root: string, file: string): Promise<Backfill> {
  const path = resolve(root, file)
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (error) {
    if (isLandfallError(error)) throw located(error, file)
    throw new LandfallError('usage', 'backfills/job-fails', `${file} cannot be loaded: ${messageOf(error)}`, {
      next: 'correct the job file',
      location: thrownAt(error, path, file),
      cause: error,
    })
  }
  const job = unwrapped(module)
  if (job === undefined)
    throw new LandfallError('usage', 'backfills/no-job', `${file} has no default export`, {
      next: 'write: export default defineBackfill({ … })',
      location: { file, line: null, column: null },
    })
  try {
    return parseBackfill(job)
  } catch (error) {
    throw isLandfallError(error) ? located(error, file) : error
  }
}

/** In a CommonJS scope the module itself may arrive as the default export. */
const unwrapped = ({ default: job }: { default?: unknown }): unknown =>
  typeof job === 'object' && job !== null && 'default' in job ? job.default : job

/** By name, not by class: the job's landfall may be another copy of this module. */
const isLandfallError = (error: unknown): error is LandfallError =>
  error instanceof Error && error.name === 'LandfallError'

const located = ({ kind, code, message, next, location, fields }: LandfallError, file: string): LandfallError =>
  new LandfallError(kind, code, `${file}: ${message}`, {
    location: location ?? { file, line: null, column: null },
    fields,
    ...(next === null ? {} : { next }),
  })

function thrownAt(error: unknown, path: string, file: string): Location {
  const stack = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : ''
  const at = stack.indexOf(`${path}:`)
  const [, line, column] = at < 0 ? [] : (/^:(\d+)(?::(\d+))?/.exec(stack.slice(at + path.length)) ?? [])
  return { file, line: line === undefined ? null : Number(line), column: column === undefined ? null : Number(column) }
}
