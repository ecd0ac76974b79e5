import { styleText } from 'node:util'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import type { CliContext } from '../context.ts'
import { exitCodeOf, exitCodes, Interrupted } from '../exit-code.ts'

/** Says an error as a person needs it: what, where, what next. A bug shows its stack. */
export function sayError(context: CliContext, error: unknown): void {
  const color = context.terminal.stderr && context.terminal.color
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text
  if (error instanceof Interrupted)
    return context.say(paint('yellow', `${error.message}: everything that landfall started is gone`))
  if (!(error instanceof LandfallError)) {
    context.say(paint('red', `a bug in landfall: ${messageOf(error)}`))
    if (error instanceof Error && error.stack) context.say(error.stack)
    return context.say('Please report it with this text.')
  }
  const { location } = error
  const place =
    location && location.line !== null && !error.message.includes(`${location.file}:${location.line}`)
      ? `${location.file}:${location.line}: `
      : ''
  context.say(`${paint('red', 'error')} ${place}${error.message}`)
  if (error.next !== null) context.say(`${paint('cyan', 'next')}  ${error.next}`)
}

/** After a signal, what breaks is its doing. */
export const causeOf = ({ signal }: CliContext, error: unknown): unknown =>
  signal.aborted && exitCodeOf(error) === exitCodes.bug ? signal.reason : error

/** Runs a command's work; whatever it throws is said once and becomes the exit code of the contract. */
export async function guarded(context: CliContext, work: () => Promise<number>): Promise<void> {
  try {
    context.exit(await work())
  } catch (error) {
    const reason = causeOf(context, error)
    sayError(context, reason)
    context.exit(exitCodeOf(reason))
  }
}
