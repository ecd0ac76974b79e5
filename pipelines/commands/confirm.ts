import { LandfallError } from '../../migrations/error.ts'
import type { CliContext } from '../context.ts'

/** The name typed, or `--yes`; nobody is asked where nobody can answer. */
export async function confirm({ ask }: CliContext, yes: boolean, name: string, why: string): Promise<void> {
  if (yes) return
  if (ask === null) {
    throw new LandfallError(
      'usage',
      'cli/not-confirmed',
      `${why} This wants a confirmation, and there is no terminal to ask on.`,
      { next: 'give --yes' },
    )
  }
  if ((await ask(`${why} Type ${name} to go on: `)).trim() !== name) {
    throw new LandfallError('usage', 'cli/not-confirmed', 'the name was not typed: nothing was done', {
      next: 'run the command again',
    })
  }
}
