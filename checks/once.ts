import { namingLostConnection } from '../migrations/connection-error.ts'
import type { Established, FactsRequest } from './facts.ts'

/** Makes a fact that is established when it is asked for first, after those that it needs, and only once. */
export type Once = <K extends keyof Established>(
  fact: K,
  needs: readonly (() => Promise<unknown>)[],
  establish: () => Promise<Established[K]>,
) => () => Promise<Established[K]>

/** `once`, and what it established so far and how long each took; what could not be established is told by `onError`. */
export function establishing({ signal, onError }: Pick<FactsRequest, 'signal' | 'onError'>): {
  readonly once: Once
  readonly established: Readonly<Partial<Established>>
  readonly timings: Readonly<Partial<Record<keyof Established, number>>>
} {
  const established: { -readonly [K in keyof Established]?: Established[K] } = {}
  const timings: { [K in keyof Established]?: number } = {}

  function once<K extends keyof Established>(
    fact: K,
    needs: readonly (() => Promise<unknown>)[],
    establish: () => Promise<Established[K]>,
  ): () => Promise<Established[K]> {
    let promise: Promise<Established[K]> | null = null
    return () => (promise ??= attempt())
    async function attempt(): Promise<Established[K]> {
      try {
        signal.throwIfAborted()
        await unlessAborted(signal, Promise.all(needs.map((need) => need())))
        const started = performance.now()
        const value = await unlessAborted(signal, establish())
        timings[fact] = performance.now() - started
        established[fact] = value
        return value
      } catch (cause) {
        const error: unknown = signal.aborted ? signal.reason : namingLostConnection(cause)
        onError(error)
        throw error
      }
    }
  }
  return { once, established, timings }
}

/** A statement that runs is not waited for: what it would have said does not matter any more. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
