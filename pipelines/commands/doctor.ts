import { buildCommand } from '@stricli/core'
import type { CliContext } from '../context.ts'
import { commonFlags, type CommonFlags } from './flags.ts'

export const doctorCommand = buildCommand<CommonFlags, [], CliContext>({
  loader: async () => (await import('./run-doctor.ts')).doctor,
  parameters: { flags: commonFlags },
  docs: {
    brief: 'What this machine offers: config, servers, git',
    fullDescription: 'Looks, and changes nothing. Exit 3 when no server can be had.',
  },
})
