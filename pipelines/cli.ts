#!/usr/bin/env node
import { createInterface } from 'node:readline/promises'
import { run } from '@stricli/core'
import { register } from 'tsx/esm/api'
import { app } from './app.ts'
import type { CliContext } from './context.ts'
import { Interrupted } from './exit-code.ts'

// Config, checks and jobs are the team's own TypeScript, enums, extensionless imports and all.
register()

// landfall ends its own containers (see migrations/server/watchdog.ts): no privileged reaper is needed beside it.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

const controller = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const reason = new Interrupted(signal)
    // The second time the clean stop is not waited for; the watchdog ends what is left.
    if (controller.signal.aborted) process.exit(reason.exitCode)
    controller.abort(reason)
  })
}
// A reader that went away (`landfall … | head`) is no reason to stop working.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

let exitCode = 0
const { stdin, stdout, stderr, env } = process
const context: CliContext = {
  process,
  cwd: process.cwd(),
  env,
  signal: controller.signal,
  out: (text) => void stdout.write(text),
  say: (line) => void stderr.write(`${line}\n`),
  stderr,
  terminal: {
    stdout: stdout.isTTY,
    stderr: stderr.isTTY,
    color: env['NO_COLOR']
      ? false
      : env['FORCE_COLOR']
        ? env['FORCE_COLOR'] !== '0'
        : stdout.isTTY && env['TERM'] !== 'dumb',
    columns: stdout.columns ?? 100,
  },
  ask: stdin.isTTY && stderr.isTTY ? ask : null,
  exit: (code) => void (exitCode = code),
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    return await terminal.question(question, { signal: controller.signal })
  } finally {
    terminal.close()
  }
}

await run(app, process.argv.slice(2), context)
// stricli's own codes (unknown command, wrong flag) are negative: all of them are usage errors.
process.exitCode =
  typeof process.exitCode === 'number' && process.exitCode < 0 ? 2 : exitCode || (process.exitCode ?? 0)
