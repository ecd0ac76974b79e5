import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import type { BatchSize } from '../batch-size.ts'
import { blind, Hysteresis, type Pressure, type WaitReason } from './pressure.ts'
import { Probe, type Reading } from './probe.ts'
import type { ThrottleLimits } from './signals.ts'

/** Milliseconds that a run waited, by reason. */
export type Waits = Readonly<Partial<Record<WaitReason, number>>>

export interface ThrottleOptions {
  readonly limits: ThrottleLimits
  /** Of the session that the run writes by. */
  readonly pid: number
  /** Puts what was waited on record, while it is waited; throws when the run may not go on. */
  readonly record: (reason: string | null, waits: Waits) => Promise<void>
  readonly signal?: AbortSignal
  /** Milliseconds between two looks at the server. */
  readonly interval?: number
}

const INTERVAL_MS = 500
/** What a run that cannot see waits behind a batch, at most. */
const BLIND_MS = 1_000

/**
 * Holds a run up between its batches while the server is under pressure, however long that is: load ends no run. The
 * server is looked at all the while, in the middle of a batch too.
 */
export class Throttle implements AsyncDisposable {
  readonly #options: ThrottleOptions
  readonly #probe: Probe
  readonly #hysteresis: Hysteresis
  readonly #interval: number
  readonly #ended = new AbortController()
  /** The run is to stop, or has come to its end. */
  readonly #stop: AbortSignal
  readonly #looking: Promise<void>
  readonly #first = Promise.withResolvers<void>()
  #readings: readonly Reading[] = []
  #now: Pressure | null = null
  /** What was seen since the last batch, though it be over. */
  #since: Pressure | null = null
  /** A reason is on record. */
  #told = false
  #next = Promise.withResolvers<void>()

  constructor(sql: Sql, options: ThrottleOptions) {
    this.#options = options
    this.#probe = new Probe(sql, options.pid, options.limits)
    this.#hysteresis = new Hysteresis(options.limits)
    this.#interval = options.interval ?? INTERVAL_MS
    this.#stop = AbortSignal.any([this.#ended.signal, ...(options.signal === undefined ? [] : [options.signal])])
    this.#stop.addEventListener('abort', () => this.#next.resolve())
    this.#looking = this.#look()
  }

  /**
   * Before a batch: answers when it may begin, and has made the size of batches fit. `batchMs`: how long the one before
   * took, 0 for none.
   */
  async pass(size: BatchSize, batchMs: number): Promise<void> {
    await this.#first.promise
    const seen = this.#since ?? this.#now
    this.#since = null
    const unseen = blind(this.#readings)
    if (seen !== null) {
      size.shrink()
      await this.#wait(seen)
    } else if (unseen !== null) {
      size.hold()
      await this.#pause(unseen, Math.min(batchMs, BLIND_MS))
    } else {
      size.recover()
      if (this.#told) await this.#record(null, {})
    }
  }

  /** Until the server was looked at again, and it is over. */
  async #wait(first: Pressure): Promise<void> {
    let pressure: Pressure | null = first
    await this.#record(pressure.text, {})
    while (pressure !== null && !this.#stop.aborted) {
      const begun = performance.now()
      await this.#next.promise
      await this.#record(pressure.text, { [pressure.reason]: performance.now() - begun })
      pressure = this.#now
    }
    this.#since = null
    await this.#record(null, {})
  }

  async #pause(pressure: Pressure, ms: number): Promise<void> {
    if (ms < 1 || this.#stop.aborted) return
    const begun = performance.now()
    await sleep(ms, undefined, { signal: this.#stop }).catch(() => {})
    await this.#record(pressure.text, { [pressure.reason]: performance.now() - begun })
  }

  #record(reason: string | null, waits: Waits): Promise<void> {
    this.#told = reason !== null
    return this.#options.record(reason, waits)
  }

  async #look(): Promise<void> {
    while (!this.#stop.aborted) {
      this.#readings = await this.#probe.read()
      this.#now = this.#hysteresis.observe(this.#readings)
      this.#since ??= this.#now
      this.#first.resolve()
      this.#next.resolve()
      this.#next = Promise.withResolvers()
      await sleep(this.#interval, undefined, { signal: this.#stop, ref: false }).catch(() => {})
    }
    this.#first.resolve()
    this.#next.resolve()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#looking
  }
}
