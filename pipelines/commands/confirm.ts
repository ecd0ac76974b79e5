import { LandfallError } from '../../migrations/error.ts'
import type { CliContext } from '../context.ts'

/** The name typed, or `--yes`; nobody is asked where nobody can answer. `plan`: what is said before the question. */
export async function confirm(
  { ask, say }: CliContext,
  yes: boolean,
  name: string,
  why: string,
  plan: () => Promise<string> = async () => '',
): Promise<void> {
  if (yes) return
  if (ask === null) {
    throw new LandfallError(
      'usage',
      'cli/not-confirmed',
      `${why} This wants a confirmation, and there is no terminal to ask on.`,
      { next: 'give --yes' },
    )
  }
  const text = (await plan()).trimEnd()
  if (text !== '') say(text)
  if ((await ask(`${why} Type ${name} to go on: `)).trim() !== name) {
    throw new LandfallError('usage', 'cli/not-confirmed', 'the name was not typed: nothing was done', {
      next: 'run the command again',
    })
  }
}
