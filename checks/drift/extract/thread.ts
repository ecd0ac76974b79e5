import { type MessagePort, parentPort } from 'node:worker_threads'
import { LandfallError } from '../../../migrations/error.ts'
import type { TypeModel } from '../type-model.ts'
import type { DomainSource } from './program.ts'
import { readTypes } from './read-types.ts'

export interface Question {
  readonly source: DomainSource
  readonly reply: MessagePort
}

/** What a `LandfallError` says. */
export type Refusal = Pick<LandfallError, 'kind' | 'code' | 'message' | 'next' | 'location' | 'fields'>

/** An answer as it crosses threads, where classes are lost. */
export type Answer = { readonly model: TypeModel } | { readonly refused: Refusal } | { readonly failed: string }

parentPort?.on('message', (question: Question) => void answer(question))

async function answer({ source, reply }: Question): Promise<void> {
  const found: Answer = await readTypes(source).then((model) => ({ model }), failure)
  reply.postMessage(found, [])
  reply.close()
}

function failure(error: unknown): Answer {
  if (!(error instanceof LandfallError))
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  const { kind, code, message, next, location, fields } = error
  return { refused: { kind, code, message, next, location, fields } }
}
