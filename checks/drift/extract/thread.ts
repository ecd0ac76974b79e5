import { flushCompileCache } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { LandfallError } from '../../../migrations/error.ts'
import type { TypeModel } from '../type-model.ts'
import type { DriverSearch, FoundDriver } from './find-driver.ts'
import type { DomainSource } from './program.ts'

/** Asks for the types of a domain, or for the driver of the code around it. */
export type Question = { readonly reply: MessagePort } & (
  | { readonly source: DomainSource }
  | { readonly search: DriverSearch }
)

/** What a `LandfallError` says. */
export type Refusal = Pick<LandfallError, 'kind' | 'code' | 'message' | 'next' | 'location' | 'fields'>

/** An answer as it crosses threads, where classes are lost. */
export type Answer =
  | { readonly model: TypeModel }
  | { readonly driver: FoundDriver }
  | { readonly refused: Refusal }
  | { readonly failed: string }

const waiting: Extract<Question, { source: unknown }>[] = []

parentPort?.on('message', (question: Question) => {
  if ('search' in question) void answerSearch(question)
  else if (waiting.push(question) === 1) void answerAll()
})

async function answerSearch({ search, reply }: Extract<Question, { search: unknown }>): Promise<void> {
  const [{ loadCompiler }, { findDriver }] = await Promise.all([import('./compiler.ts'), import('./find-driver.ts')])
  const answered: Answer = await findDriver(loadCompiler(), search).then((driver) => ({ driver }), failure)
  reply.postMessage(answered, [])
  reply.close()
}

/** What is asked while the compiler loads is answered together: the domains of a repository share much of their work. */
async function answerAll(): Promise<void> {
  const [{ readTypes }, { loadCompiler }] = await Promise.all([import('./read-types.ts'), import('./compiler.ts')])
  loadCompiler()
  await setImmediate()
  const questions = waiting.splice(0)
  const models = await readTypes(questions.map(({ source }) => source)).catch((error: unknown) => failure(error))
  for (const [index, { reply }] of questions.entries()) {
    reply.postMessage(Array.isArray(models) ? answer(models[index]!) : models, [])
    reply.close()
  }
  flushCompileCache() // a thread that ends with its process does not come to do it
}

const answer = (read: TypeModel | LandfallError): Answer =>
  read instanceof LandfallError ? { refused: refusal(read) } : { model: read }

const refusal = ({ kind, code, message, next, location, fields }: LandfallError): Refusal => ({
  kind,
  code,
  message,
  next,
  location,
  fields,
})

const failure = (error: unknown): Answer => ({
  failed: error instanceof Error ? (error.stack ?? error.message) : String(error),
})
