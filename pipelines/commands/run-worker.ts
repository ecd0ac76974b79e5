import { work } from '../../backfills/partitions/worker.ts'
import { installLedger, namedJobs, placeJobs } from '../backfill-run.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf } from '../exit-code.ts'
import { loadConfig } from '../load-config.ts'
import { oneLine } from '../report/plain-text.ts'
import type { WorkerFlags } from './backfill-flags.ts'
import { databaseUrlOf } from './flags.ts'
import { reported } from './reported.ts'
import { throttleOf } from './throttle-flags.ts'

/** `landfall backfill worker`: a line on standard error for each partition; what is left is the ledger's to say. */
export function worker(this: CliContext, flags: WorkerFlags, ...names: string[]): Promise<void> {
  return reported(this, flags, ['backfill', 'worker', ...names].join(' '), async () => {
    const url = databaseUrlOf(flags, this.env)
    const all = await placeJobs(await loadConfig(this, flags.config ?? null), flags.system ?? [], url)
    const jobs = names.length === 0 ? all : namedJobs(all, names)
    await installLedger(url)
    const error = await work({
      jobs: jobs.map((job) => ({ ...job, throttle: throttleOf(flags) })),
      untilDone: flags.untilDone,
      signal: this.signal,
      say: (line) => this.say(oneLine(line)),
    })
    const outcome = {
      exitCode: this.signal.aborted ? exitCodeOf(this.signal.reason) : error === null ? 0 : exitCodeOf(error),
      text: '',
      root: jobs[0]!.root,
    }
    return error === null ? outcome : { ...outcome, error }
  })
}
