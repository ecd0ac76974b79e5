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
/** Of a server under pressure. */
const LEAST_POLITE = 100
/** Of the limit, for each batch without pressure. */
const RECOVERY = 0.1

/**
 * How many records a batch takes: by how long the transactions before it lasted, and by what the server can bear. Under
 * pressure the bound is halved, and without it grows again by a tenth of the limit (AIMD).
 */
export class BatchSize {
  readonly limits: BatchLimits
  rows: number
  /** What the server bears. */
  #bound: number
  #held = false

  constructor(limits: BatchLimits) {
    this.limits = limits
    this.#bound = limits.rows
    this.rows = Math.min(FIRST, limits.rows)
  }

  /** A transaction of `rows` records took `ms`: the next is to last as long as it should, and grows by half at most. */
  observe(rows: number, ms: number): void {
    const growth = this.#held ? 1 : GROWTH
    const wanted = rows * Math.min(growth, Math.max(0.25, this.limits.ms / Math.max(ms, 1)))
    if (rows < this.rows && wanted > rows) return // a small one says nothing about larger ones
    this.#set(Math.max(Math.min(LEAST, this.limits.rows), Math.round(wanted)))
  }

  /** The server is under pressure. */
  shrink(): void {
    this.#bound = Math.max(Math.min(LEAST_POLITE, this.limits.rows), Math.floor(Math.min(this.#bound, this.rows) / 2))
    this.#set(this.rows)
  }

  /** Nobody can tell: it does not grow. */
  hold(): void {
    this.#held = true
  }

  /** The server is well. */
  recover(): void {
    this.#held = false
    this.#bound = Math.min(this.limits.rows, Math.ceil(this.#bound + this.limits.rows * RECOVERY))
  }

  #set(rows: number): void {
    this.rows = Math.min(this.limits.rows, this.#bound, rows)
  }
}
