import { createLogUpdate } from 'log-update'
import type { CliContext } from './context.ts'

/** Long work, seen: one line that is rewritten on a terminal, a line every ten seconds elsewhere. */
export interface ProgressLine {
  /** What goes on now. */
  update(text: string): void
  /** A line that stays, above what goes on. */
  line(text: string): void
  done(): void
}

const QUIET_MS = 10_000

export function startProgress({ stderr, terminal, say }: CliContext, now: () => number = Date.now): ProgressLine {
  if (!terminal.stderr) {
    let last = now()
    return {
      update(text) {
        if (now() - last < QUIET_MS) return
        last = now()
        say(text)
      },
      line: () => {}, // the report says it
      done: () => {},
    }
  }
  const log = createLogUpdate(stderr)
  return {
    update: (text) => log(text),
    line(text) {
      log.clear()
      say(text)
    },
    done: () => log.clear(),
  }
}
