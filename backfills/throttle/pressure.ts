import type { Reading } from './probe.ts'
import { signalNames, signals, type SignalName, type ThrottleLimits } from './signals.ts'

/** What a run waits for: a signal above its limit, or one that is not available. */
export type WaitReason = SignalName | 'not-available'

/** What holds a run up, and how it is told. */
export interface Pressure {
  readonly reason: WaitReason
  /** `throttled: replica lag 7.2 s, the limit is 5 s (replica1)`. */
  readonly text: string
}

/** A signal that was above its limit holds until it is below so much of it, or the run would stop and start. */
const RELEASE = 0.8

/** Which signals hold the run up, with what each said before in mind. */
export class Hysteresis {
  readonly #limits: ThrottleLimits
  readonly #held = new Set<SignalName>()

  constructor(limits: ThrottleLimits) {
    this.#limits = limits
  }

  /** The first of what holds the run up, or null. What is not available changes nothing: it is `blind`'s. */
  observe(readings: readonly Reading[]): Pressure | null {
    for (const { signal, value } of readings) {
      const limit = this.#limits[signal]
      if (limit === null || value === null) continue
      if (value > limit) this.#held.add(signal)
      else if (value <= limit * RELEASE) this.#held.delete(signal)
    }
    const first = signalNames.find((name) => this.#held.has(name))
    if (first === undefined) return null
    const reading = readings.find(({ signal }) => signal === first)!
    return { reason: first, text: `throttled: ${spoken(reading, this.#limits[first]!)}` }
  }
}

/** What cannot be seen; null when all can. */
export function blind(readings: readonly Reading[]): Pressure | null {
  const unseen = readings.filter(({ value }) => value === null)
  if (unseen.length === 0) return null
  const list = unseen.map(({ signal, detail }) => `${signal} (${detail ?? 'not available'})`).join(', ')
  return { reason: 'not-available', text: `slowed down: not available: ${list}` }
}

function spoken({ signal, value, detail }: Reading, limit: number): string {
  const { what, unit } = signals[signal]
  const named = detail === null ? '' : ` (${detail})`
  if (value === null) return `${what}: not available${named}`
  const say = units[unit]
  return unit === 'sessions'
    ? `${value} ${what}, the limit is ${limit}${named}`
    : `${what}: ${say(value)}, the limit is ${say(limit)}${named}`
}

const units: Readonly<Record<'sessions' | 'seconds' | 'bytes', (value: number) => string>> = {
  sessions: String,
  seconds: (value) => `${value < 100 ? Number(value.toFixed(1)) : Math.round(value)} s`,
  bytes: (value) => `${Math.round(value / 1024 / 1024)} MB`,
}
