import type { Sql } from 'postgres'
import { messageOf } from '../../migrations/error.ts'
import { LagClock } from './lag-clock.ts'
import { HIDDEN, signalNames, signals, type SignalName, type ThrottleLimits } from './signals.ts'

/** What a signal says now. */
export interface Reading {
  readonly signal: SignalName
  /** Null: it is not available, and `detail` says why. */
  readonly value: number | null
  readonly detail: string | null
}

interface Answer {
  readonly value: number | null
  readonly detail: string | null
  readonly written?: string
  readonly replayed?: string | null
}

/** A signal that failed is asked for again after so long. */
const RETRY_MS = 30_000
const PATIENCE_MS = 5_000

/** Asks a server how it is: all signals in one round trip, over a connection that the run does not write by. */
export class Probe {
  readonly #sql: Sql
  readonly #pid: number
  readonly #wanted: readonly SignalName[]
  readonly #now: () => number
  readonly #clock = new LagClock()
  /** Signals that failed by themselves. */
  readonly #broken = new Map<SignalName, { readonly why: string; readonly since: number }>()
  #pending: Promise<unknown> | null = null

  /** `pid`: of the session that the run writes by. */
  constructor(sql: Sql, pid: number, limits: ThrottleLimits, now: () => number = () => performance.now()) {
    this.#sql = sql
    this.#pid = pid
    this.#wanted = signalNames.filter((name) => limits[name] !== null)
    this.#now = now
  }

  /** One reading for each signal that has a limit; never throws. */
  async read(): Promise<Reading[]> {
    for (const [name, { since }] of this.#broken) if (this.#now() - since > RETRY_MS) this.#broken.delete(name)
    const asked = this.#wanted.filter((name) => !this.#broken.has(name))
    const answers = await this.#ask(asked).catch(() => this.#oneByOne(asked))
    return this.#wanted.map((signal) => {
      const answer = answers.get(signal)
      return answer === undefined
        ? { signal, value: null, detail: this.#broken.get(signal)?.why ?? 'the server does not answer' }
        : this.#reading(signal, answer)
    })
  }

  async #ask(names: readonly SignalName[]): Promise<Map<SignalName, Answer>> {
    if (names.length === 0) return new Map()
    const list = names.map((name) => `(select to_json(s) from (${this.#textOf(name)}) s) as "${name}"`)
    const [row] = await this.#patiently(this.#sql.unsafe<Record<string, Answer>[]>(`select ${list.join(', ')}`))
    return new Map(names.map((name) => [name, row![name]!]))
  }

  /** What fails alone is left out of the next questions for a while. */
  async #oneByOne(names: readonly SignalName[]): Promise<Map<SignalName, Answer>> {
    const answers = new Map<SignalName, Answer>()
    for (const name of names)
      try {
        answers.set(name, (await this.#ask([name])).get(name)!)
      } catch (error) {
        this.#broken.set(name, { why: messageOf(error), since: this.#now() })
        if (error instanceof NoAnswer) break
      }
    return answers
  }

  /** A question that hangs holds nobody up, and no second one is asked behind it. */
  async #patiently<T>(question: PromiseLike<T>): Promise<T> {
    if (this.#pending !== null) throw new NoAnswer()
    const asked = Promise.resolve(question)
    this.#pending = asked
    asked.catch(() => {}).finally(() => (this.#pending = null))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new NoAnswer()), PATIENCE_MS)
    })
    return Promise.race([asked, late]).finally(() => clearTimeout(timer))
  }

  #textOf = (name: SignalName): string => signals[name].sql.replaceAll('$pid', String(this.#pid))

  #reading(signal: SignalName, { value, detail, written, replayed }: Answer): Reading {
    if (value === null)
      return { signal, value: null, detail: signal === 'wal-backlog' ? 'nothing was archived yet' : HIDDEN }
    const timed =
      written === undefined
        ? 0
        : this.#clock.lag(BigInt(written), replayed == null ? null : BigInt(replayed), this.#now())
    return { signal, value: Math.max(value, timed), detail }
  }
}

class NoAnswer extends Error {
  constructor() {
    super('the server does not answer')
  }
}
