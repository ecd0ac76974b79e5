import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'

export interface WatchOptions {
  readonly id: string
  readonly epoch: number
  /** Of the session that the run writes by. */
  readonly pid: number
  /** The batch at hand is not to be waited for. */
  readonly urgent?: AbortSignal
}

const INTERVAL_MS = 200

/**
 * Looks at the ledger while a run works, so that a run which somebody else paused, cancelled or took over ends at once,
 * whatever it waits for: its source, a lock, the server. Nothing is lost by that: a batch is committed as a whole.
 */
export class Watch implements AsyncDisposable {
  readonly #lost = new AbortController()
  readonly #ended = new AbortController()
  readonly #looking: Promise<void>

  constructor(sql: Sql, options: WatchOptions) {
    this.#looking = this.#look(sql, options)
  }

  /** Aborted when the run is no longer this process's to write. */
  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async #look(sql: Sql, { id, epoch, pid, urgent }: WatchOptions): Promise<void> {
    const ended = this.#ended.signal
    while (true) {
      await sleep(this.lost.aborted ? INTERVAL_MS / 4 : INTERVAL_MS, undefined, {
        signal: urgent === undefined || urgent.aborted ? ended : AbortSignal.any([ended, urgent]),
      }).catch(() => {})
      if (ended.aborted) return
      try {
        if (urgent?.aborted || this.lost.aborted) await sql`select pg_cancel_backend(${pid})`
        else {
          const [own] = await sql`
            select from landfall.backfill_run where id = ${id} and epoch = ${epoch} and state = 'running'`
          if (own === undefined) this.#lost.abort()
        }
      } catch {
        // whoever cannot look lets the next batch find out
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort()
    await this.#looking
  }
}
