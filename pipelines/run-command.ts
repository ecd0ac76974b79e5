import { ExitCode, run } from '@stricli/core'
import { app } from './app.ts'
import type { CliContext } from './context.ts'
import { exitCodes } from './exit-code.ts'

/** Runs a command line; resolves to its exit code, by the table of `exit-code.ts`. */
export async function runCommand(args: readonly string[], context: Omit<CliContext, 'exit'>): Promise<number> {
  let exitCode = 0
  await run(app, args, { ...context, exit: (code) => void (exitCode = code) })
  const { exitCode: stricli } = context.process as { readonly exitCode?: unknown }
  // Every command guards itself: what else stricli has a code for is a bug.
  const ownCode = usage.has(stricli) ? exitCodes.usage : stricli ? exitCodes.bug : exitCodes.pass
  return exitCode || ownCode
}

const usage: ReadonlySet<unknown> = new Set([ExitCode.UnknownCommand, ExitCode.InvalidArgument])
