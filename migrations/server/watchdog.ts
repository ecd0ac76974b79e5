import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Resource } from './server.ts'

/** A process of its own that ends what it guards as soon as its parent is gone, whatever ended it. */
export interface Watchdog {
  /** Names a resource before or right after it is made. */
  readonly guard: (resource: Resource) => void
  /** Ends every guarded resource and resolves when they are gone. */
  readonly release: () => Promise<void>
}

const PROGRAM = fileURLToPath(new URL('watchdog-process.ts', import.meta.url))

/**
 * The pipe is the heartbeat: the kernel closes it when the parent dies, SIGKILL included. A normal stop closes it
 * as well, so that there is one way to clean up and it is taken every time.
 */
export function startWatchdog(): Watchdog {
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM], {
    detached: true, // its own session: a Ctrl-C in the terminal is not for it
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {}) // the child's own death is seen by `exited`
  child.unref()
  return {
    guard: (resource) => void child.stdin.write(`${JSON.stringify(resource)}\n`),
    async release() {
      child.ref()
      child.stdin.end()
      await exited
    },
  }
}
