import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { commonFlags, type CommonFlags } from './flags.ts'

export interface ReportCommandFlags extends CommonFlags {
  readonly comment: boolean
}

export const reportCommand = buildCommand<ReportCommandFlags, [string], CliContext>({
  loader: async () => (await import('./run-report.ts')).report,
  parameters: {
    flags: {
      ...commonFlags,
      comment: { kind: 'boolean', default: false, brief: 'Create or update the comment on the pull request' },
    },
    positional: { kind: 'tuple', parameters: [{ parse: String, placeholder: 'FILE', brief: 'A report.json' }] },
  },
  docs: {
    brief: 'Render a report.json, or post it on the pull request',
    customUsage: [
      { input: 'report.json --report markdown', brief: 'to standard output' },
      { input: 'report.json --comment', brief: 'in GitHub Actions, with GITHUB_TOKEN; never on forks' },
    ],
  },
})
