import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { objectKey, type CatalogObject } from '../catalog/catalog.ts'
import type { Migration } from '../migration.ts'
import type { MigrationProof } from '../prove-migration.ts'

type State = readonly CatalogObject[]

/** A proof as it is kept: without the migration, which its key stands for, and with what the up changed in the catalog. */
interface KeptProof extends Omit<MigrationProof, 'migration' | 'before' | 'after'> {
  readonly made: readonly CatalogObject[]
  readonly gone: readonly string[]
}

/** A state that nothing was done to yet. */
export const stateText = (objects: State): string => sealed(JSON.stringify(objects))

/** Null when the text is damaged. */
export const stateOf = (text: string): State | null => {
  const json = opened(text)
  return json === null ? null : (JSON.parse(json) as State)
}

/** The up ran. */
export function proofText(whole: MigrationProof): string {
  const { before, after } = whole
  const known = new Map(before.map((object) => [objectKey(object), object]))
  const made = after!.filter((object) => !isDeepStrictEqual(known.get(objectKey(object)), object))
  const there = new Set(after!.map(objectKey))
  const proof = { ...whole, migration: undefined, before: undefined, after: undefined } // left out of JSON
  const kept: KeptProof = { ...proof, made, gone: [...known.keys()].filter((key) => !there.has(key)) }
  return sealed(JSON.stringify(kept))
}

/** The proof of `migration` from the state before it; null when the text is damaged. */
export function proofOf(text: string, migration: Migration, before: State): MigrationProof | null {
  const json = opened(text)
  if (json === null) return null
  const { made, gone, ...proof } = JSON.parse(json) as KeptProof
  if (made.length === 0 && gone.length === 0) return { migration, ...proof, before, after: before }
  const objects = new Map(before.map((object) => [objectKey(object), object]))
  for (const key of gone) objects.delete(key)
  for (const object of made) objects.set(objectKey(object), object)
  // Compared code unit by code unit, as a catalog is.
  const after = [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object)
  return { migration, ...proof, before, after }
}

/** The SHA-256 of the rest, the rest: what was cut or changed is told from what was written. */
const sealed = (json: string): string => `${sha256(json)} ${json}`

const opened = (text: string): string | null => {
  const json = text.slice(text.indexOf(' ') + 1)
  return text === sealed(json) ? json : null
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
