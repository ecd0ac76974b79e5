import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import type { Surroundings } from './define.ts'

/** The call that something is done for. */
interface Acting {
  /** Its place in the sequence; -1 before the first one. */
  readonly call: number
  /** Milliseconds since the beginning. */
  readonly at: number
  ids: number
}

const BEGINNING = Date.UTC(2026, 0, 1)

/**
 * Time and ids that follow from the call alone, not from how often or in which order they are asked for: two
 * implementations that look at the clock differently get the same, and so do calls that run at the same time.
 */
export interface Clockwork extends Surroundings {
  /** Does the work of a call. */
  within<T>(call: number, at: number, work: () => T): T
}

export function clockwork(): Clockwork {
  const storage = new AsyncLocalStorage<Acting>()
  // For what was begun outside of any call, as a pool's own callbacks are.
  let latest: Acting = { call: -1, at: 0, ids: 0 }
  const acting = (): Acting => storage.getStore() ?? latest
  return {
    within(call, at, work) {
      latest = { call, at, ids: 0 }
      return storage.run(latest, work)
    },
    now: () => new Date(BEGINNING + acting().at),
    newId: () => {
      const who = acting()
      who.ids += 1
      return uuidOf(`${who.call}/${who.ids}`)
    },
  }
}

/** A UUID of version 8, which is anybody's to make. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
