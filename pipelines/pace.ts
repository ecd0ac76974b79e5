/** How fast a run is: what was seen of it lately. */
export class Pace {
  readonly #now: () => number
  #last: { readonly at: number; readonly read: number } | null = null
  /** Records a second, smoothed; and the slowest and the fastest of that, which fade. */
  #rate: number | null = null
  #slow = 0
  #fast = 0

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** `read`: all records so far. */
  observe(read: number): void {
    const at = this.#now()
    const last = this.#last
    if (last === null || read < last.read) {
      this.#last = { at, read }
      return
    }
    const seconds = (at - last.at) / 1000
    if (seconds < LEAST_SECONDS) return
    this.#last = { at, read }
    const rate = (read - last.read) / seconds
    const weight = 1 - Math.exp(-seconds / MEMORY_SECONDS)
    this.#rate = this.#rate === null ? rate : this.#rate + weight * (rate - this.#rate)
    this.#slow = Math.min(this.#rate, this.#slow === 0 ? this.#rate : this.#slow + weight * (this.#rate - this.#slow))
    this.#fast = Math.max(this.#rate, this.#fast + weight * (this.#rate - this.#fast))
  }

  /** Records a second; null until that is known. */
  get rate(): number | null {
    return this.#rate
  }

  /** Milliseconds that the rest may take, if `share` of the source (0 to 1) is behind `read` records; null: nobody knows. */
  left(read: number, share: number | null): readonly [least: number, most: number] | null {
    if (share === null || share <= 0 || read === 0 || this.#slow <= 0) return null
    const records = (read / share) * (1 - share)
    return [(records / this.#fast) * 1000, (records / this.#slow) * 1000]
  }
}

const LEAST_SECONDS = 0.25
const MEMORY_SECONDS = 8
