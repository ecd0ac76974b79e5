/** A batch ends with whichever comes first. */
export interface BatchLimits {
  /** At most; how many there are is adapted to `ms`. */
  readonly rows: number
  /** Of the rows on their way. */
  readonly bytes: number
  /** What reading a batch may take, and what its transaction should take. */
  readonly ms: number
}

export const DEFAULT_BATCH: BatchLimits = { rows: 10_000, bytes: 8 * 1024 * 1024, ms: 500 }

const FIRST = 5_000
const LEAST = 1_000
const GROWTH = 1.5

/** How many records a batch takes, from how long the transactions before it lasted. */
export class BatchSize {
  readonly limits: BatchLimits
  rows: number

  constructor(limits: BatchLimits) {
    this.limits = limits
    this.rows = Math.min(FIRST, limits.rows)
  }

  /** A transaction of `rows` records took `ms`: the next is to last as long as it should, and grows by half at most. */
  observe(rows: number, ms: number): void {
    const wanted = rows * Math.min(GROWTH, Math.max(0.25, this.limits.ms / Math.max(ms, 1)))
    if (rows < this.rows && wanted > rows) return // a small one says nothing about larger ones
    this.rows = Math.min(this.limits.rows, Math.max(Math.min(LEAST, this.limits.rows), Math.round(wanted)))
  }
}
