import { getEventListeners } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { setFlagsFromString } from 'node:v8'
import type { CliContext } from './context.ts'

// PostgreSQL's parser is WebAssembly with one enormous function: to compile that a second time, optimised, takes two seconds
// of a core and makes nothing faster that landfall does.
setFlagsFromString('--no-wasm-tier-up --no-wasm-dynamic-tiering')
const [{ runCommand }, { Interrupted }] = await Promise.all([import('./run-command.ts'), import('./exit-code.ts')])

// landfall ends its own containers (see migrations/server/watchdog.ts): no privileged reaper is needed beside it.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

const controller = new AbortController()
const urgent = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    const reason = new Interrupted(signal)
    if (!controller.signal.aborted) return controller.abort(reason)
    // The second time there may be a shorter way to stop; else it is not waited for, and the watchdog ends what is left.
    if (urgent.signal.aborted || getEventListeners(urgent.signal, 'abort').length === 0) process.exit(reason.exitCode)
    urgent.abort(reason)
  })
}
// What breaks because its server went away under it changes nothing any more.
controller.signal.addEventListener('abort', () => {
  process.on('uncaughtException', () => {}).on('unhandledRejection', () => {})
})
// A reader that went away (`landfall … | head`) is no reason to stop working.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const { stdin, stdout, stderr, env } = process
const context: Omit<CliContext, 'exit'> = {
  process,
  cwd: process.cwd(),
  env,
  signal: controller.signal,
  urgent: urgent.signal,
  out: (text) => void stdout.write(text),
  write: (text) => new Promise((resolve) => void stdout.write(text, () => resolve())),
  input: stdin as AsyncIterable<Buffer>,
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
  readTypeScript,
}

/** Config, checks and jobs are the team's own TypeScript, enums, extensionless imports and all. A command may load its config twice. */
let reading: Promise<void> | null = null
function readTypeScript(): Promise<void> {
  return (reading ??= beginReading())
}
async function beginReading(): Promise<void> {
  const [{ register }, { keepOwnModules }] = await Promise.all([import('tsx/esm/api'), import('./own-modules.ts')])
  register()
  keepOwnModules()
}

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    return await terminal.question(question, { signal: controller.signal })
  } finally {
    terminal.close()
  }
}

process.exitCode = await runCommand(process.argv.slice(2), context)
// A connection that is being lost may be waited for no longer, nor a source that hangs.
if (controller.signal.aborted) process.exit()
const leave = (): void => void (stdout.writableLength > 0 ? setTimeout(leave, 100).unref() : process.exit())
setTimeout(leave, 500).unref()
