import { messageOf } from '../../migrations/error.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf } from '../exit-code.ts'
import { commandReport, errorReport, type CommandOutcome } from '../report/build.ts'
import { guarded, sayError } from './errors.ts'
import type { CommonFlags } from './flags.ts'
import { openReporting } from './reporting.ts'

/** What a command that works on a named database did. Its `error` is said on standard error. */
export interface Outcome extends CommandOutcome {
  /** Data for standard output, unless a report was asked for. */
  readonly text: string
  /** The config file's directory: what the paths of the findings are relative to. */
  readonly root?: string
}

/** Runs a command's work; `--report` renders what it did, in every case that parsed its flags. */
export function reported(
  context: CliContext,
  flags: CommonFlags,
  command: string,
  work: () => Promise<Outcome>,
): Promise<void> {
  return guarded(context, async () => {
    const reporting = flags.report === undefined ? null : openReporting(context, flags.report)
    const startedAt = new Date()
    try {
      const outcome = await work()
      if (outcome.error !== undefined) sayError(context, outcome.error)
      if (reporting === null) context.out(outcome.text)
      else await reporting.write(commandReport(command, startedAt, outcome), outcome.root ?? context.cwd)
      return outcome.exitCode
    } catch (error) {
      await reporting?.write(errorReport(command, startedAt, exitCodeOf(error), messageOf(error)), context.cwd)
      throw error
    }
  })
}
