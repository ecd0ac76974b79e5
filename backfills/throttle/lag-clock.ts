interface Mark {
  /** Bytes of WAL that were written by then. */
  readonly written: bigint
  /** Milliseconds. */
  readonly at: number
}

const MARKS = 4096

/**
 * How long ago a replica was where the primary is now. A replica that stands still says nothing about its lag: here it
 * grows as time does.
 */
export class LagClock {
  /** Oldest first; all that the slowest replica has replayed but for the last. */
  #marks: Mark[] = []

  /** Seconds; `replayed` null: there is no replica. */
  lag(written: bigint, replayed: bigint | null, at: number): number {
    const last = this.#marks.at(-1)
    if (last === undefined || last.written < written) this.#marks.push({ written, at })
    if (replayed === null) {
      this.#marks = this.#marks.slice(-1)
      return 0
    }
    const behind = this.#marks.findIndex((mark) => mark.written > replayed)
    if (behind < 0) {
      this.#marks = this.#marks.slice(-1)
      return 0
    }
    this.#marks = this.#marks.slice(behind)
    const since = this.#marks[0]!.at
    // The oldest tells how far behind it is: every other of the rest is enough to go on from.
    if (this.#marks.length > MARKS) this.#marks = this.#marks.filter((_, n) => n === 0 || n % 2 === 1)
    return (at - since) / 1000
  }
}
