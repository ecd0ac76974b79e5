import { once } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { LandfallError } from '../../migrations/error.ts'
import type { DriverSearch, FoundDriver } from './extract/find-driver.ts'
import type { DomainSource } from './extract/program.ts'
import type { Answer, Question, Refusal } from './extract/thread.ts'
import type { TypeModel } from './type-model.ts'

// The compiler computes for seconds: on a thread of its own it does so while PostgreSQL replays. One for the process,
// because loading it is half of the cost; it keeps no process alive.
let thread: Worker | null = null

function compilerThread(): Worker {
  if (thread !== null) return thread
  const started = new Worker(new URL('./extract/thread.mjs', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 96 },
  })
  started.unref()
  started.setMaxListeners(0) // one for each question under way
  started.once('exit', () => (thread = null))
  return (thread = started)
}

/**
 * Reads the domain's types into plain values. What stands in `extract/` alone speaks to the compiler, which is loaded
 * here and not before, so that commands without drift start without it.
 * Throws `LandfallError` (usage): see `openDomains`.
 */
export async function extractTypes(source: DomainSource): Promise<TypeModel> {
  const answer = await ask((reply) => ({ source, reply }))
  return (answer as Extract<Answer, { model: unknown }>).model
}

/** Reads the code around a domain for the driver that it opens, and what that is told to parse by itself. */
export async function extractDriver(search: DriverSearch): Promise<FoundDriver> {
  const answer = await ask((reply) => ({ search, reply }))
  return (answer as Extract<Answer, { driver: unknown }>).driver
}

async function ask(questionWith: (reply: MessagePort) => Question): Promise<Answer> {
  const worker = compilerThread()
  const { port1: answers, port2: reply } = new MessageChannel()
  const crash = new AbortController()
  const onError = (error: unknown): void => crash.abort(error)
  worker.once('error', onError)
  try {
    worker.postMessage(questionWith(reply), [reply])
    const [answer] = (await once(answers, 'message', { signal: crash.signal })) as [Answer]
    if ('refused' in answer) throw refusal(answer.refused)
    if ('failed' in answer) throw new Error(answer.failed)
    return answer
  } catch (error) {
    throw crash.signal.aborted ? crash.signal.reason : error
  } finally {
    worker.off('error', onError)
    answers.close()
  }
}

const refusal = ({ kind, code, message, next, location, fields }: Refusal): LandfallError =>
  new LandfallError(kind, code, message, {
    fields,
    ...(next === null ? {} : { next }),
    ...(location === null ? {} : { location }),
  })
