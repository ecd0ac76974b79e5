import { LandfallError } from '../../migrations/error.ts'
import { dirname, resolve } from 'node:path'
import type { CliContext } from '../context.ts'
import { commentReport } from '../report/comment.ts'
import { readReport } from '../report/read.ts'
import { nearestConfig } from '../load-config.ts'
import { guarded } from './errors.ts'
import type { ReportCommandFlags } from './report.ts'
import { openReporting } from './reporting.ts'

/** A report that was made elsewhere: it is read as a stranger's, and exits 0 once it is rendered or posted. */
export const report = function (this: CliContext, flags: ReportCommandFlags, file: string): Promise<void> {
  return guarded(this, async () => {
    const { targets, event, context, write } = openReporting(this, flags.report, { confined: true })
    // Locations are relative to the config file of the run that made the report.
    const config = flags.config === undefined ? nearestConfig(this.cwd) : resolve(this.cwd, flags.config)
    const root = config === null ? this.cwd : dirname(config)
    const read = await readReport(resolve(this.cwd, file))
    if (flags.report !== undefined || !flags.comment) await write(read, root, targets)
    if (!flags.comment) return 0
    const token = this.env['GITHUB_TOKEN'] ?? ''
    if (token === '' && !event.fork) {
      throw new LandfallError('usage', 'github/no-token', '--comment needs a token that may write comments', {
        next: 'set GITHUB_TOKEN in the environment of the step',
      })
    }
    const outcome = await commentReport(read, context(root), event, {
      apiUrl: event.apiUrl,
      token,
    })
    this.say('skipped' in outcome ? `no comment: ${outcome.skipped}` : `comment ${outcome.done}: ${outcome.url}`)
    return 0
  })
}
