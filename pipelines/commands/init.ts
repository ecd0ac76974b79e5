import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { commonFlags, type CommonFlags } from './flags.ts'

export interface InitFlags extends CommonFlags {
  readonly migrations?: string
  readonly domain?: string
}

export const initCommand = buildCommand<InitFlags, [], CliContext>({
  loader: async () => (await import('./run-init.ts')).init,
  parameters: {
    flags: {
      ...commonFlags,
      migrations: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'DIR',
        brief: 'The migrations (default: looked for)',
      },
      domain: {
        kind: 'parsed',
        parse: String,
        optional: true,
        placeholder: 'FILE',
        brief: 'The interfaces (default: looked for)',
      },
    },
  },
  docs: {
    brief: 'Write a landfall.config.ts',
    fullDescription: 'Writes landfall.config.ts here, for what is found here. An existing one is left alone.',
  },
})
