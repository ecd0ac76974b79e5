import type { Run } from '../backfills/run-state.ts'
import type { CliContext } from './context.ts'
import { Pace } from './pace.ts'
import { startProgress, type ProgressLine } from './progress.ts'
import { duration } from './report/phrases.ts'
import { oneLine } from './report/plain-text.ts'

/** The progress of a run as one line: `app/users: running, 42 %, 120000 read, 3 rejected, 61000 records/s, 2.0 s to 3.1 s left`. */
export function progressText({ name, state, reason, read, rejected }: Run, share: number | null, pace: Pace): string {
  const left = pace.left(read, share)
  const rate = pace.rate === null ? null : `${Math.round(pace.rate)} records/s`
  return [
    `${name}: ${state}${reason === null ? '' : `: ${oneLine(reason)}`}`,
    share === null ? null : `${Math.floor(share * 100)} %`,
    `${read} read`,
    `${rejected} rejected`,
    rate,
    left === null ? null : `${range(left)} left`,
  ]
    .filter((part) => part !== null)
    .join(', ')
}

const range = ([least, most]: readonly [number, number]): string => {
  const [from, to] = [duration(least), duration(most)]
  return from === to ? from : `${from} to ${to}`
}

/** As long as a batch may take before it is said that nothing came. */
const SILENT_MS = 3_000

/** Shows a run while it works, and goes on when nothing comes of it. */
export class RunProgress implements Disposable {
  readonly #line: ProgressLine
  readonly #terminal: boolean
  readonly #say: (text: string) => void
  readonly #pace = new Pace()
  readonly #ticking: NodeJS.Timeout
  #seen: { readonly run: Run; readonly at: number } | null = null
  #share: number | null = null

  constructor(context: CliContext) {
    this.#line = startProgress(context)
    this.#terminal = context.terminal.stderr
    this.#say = context.say
    this.#ticking = setInterval(() => this.#show(), 500).unref()
  }

  /** `share` of the source, from 0 to 1: undefined when it is what it was. */
  update(run: Run, share?: number | null): void {
    this.#seen = { run, at: performance.now() }
    if (share !== undefined) this.#share = share
    this.#pace.observe(run.read)
    this.#show()
  }

  /** A line that stays. */
  line(text: string): void {
    if (this.#terminal) this.#line.line(text)
    else this.#say(text)
  }

  #show(): void {
    if (this.#seen === null) return
    const { run, at } = this.#seen
    const silence = performance.now() - at
    const silent = silence < SILENT_MS || run.reason !== null ? '' : `, nothing for ${duration(silence)}`
    this.#line.update(
      `${progressText(run, this.#share, this.#pace)}${silent}${this.#terminal ? '' : ` (run ${run.id})`}`,
    )
  }

  [Symbol.dispose](): void {
    clearInterval(this.#ticking)
    this.#line.done()
  }
}
