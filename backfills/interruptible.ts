/**
 * What `items` yields, until `signal` is aborted: then what is still waited for is not waited for any longer, however
 * slow it is.
 */
export async function* interruptible<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  let wake = (): void => {}
  const onAbort = (): void => wake()
  signal.addEventListener('abort', onAbort)
  let waiting = false
  try {
    while (!signal.aborted) {
      waiting = true
      const step = await new Promise<IteratorResult<T> | null>((resolve, reject) => {
        wake = () => resolve(null)
        iterator.next().then(resolve, reject)
      })
      if (step === null) return
      waiting = false
      if (step.done) return
      yield step.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    const closed = iterator.return?.().catch(() => {})
    if (!waiting) await closed
  }
}
