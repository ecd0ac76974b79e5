import { LandfallError } from '../../../migrations/error.ts'
import type { TypeModel } from '../type-model.ts'
import { loadCompiler } from './compiler.ts'
import { declaredTypes } from './declarations.ts'
import { filePath } from './domain-files.ts'
import { NotPlain } from './plain/not-plain.ts'
import { plainReader } from './plain/reader.ts'
import type { DomainSource } from './program.ts'
import type { Reader } from './reader.ts'
import { strayTags } from './tags.ts'

/**
 * Reads domains into plain values, on the thread that calls: by their text where that tells all, else by the compiler. In order,
 * what cannot be read as its error: see `openDomains`.
 */
export async function readTypes(sources: readonly DomainSource[]): Promise<(TypeModel | LandfallError)[]> {
  const plain = await Promise.all(sources.map(readPlainly))
  const compiled = await readCompiled(sources.filter((_, index) => plain[index] === null))
  return plain.map((model) => model ?? compiled.shift()!)
}

/** Null where the text alone does not tell; also where something is wrong with it, since the compiler says what. */
export async function readPlainly(source: DomainSource): Promise<TypeModel | null> {
  try {
    return modelOf(await plainReader(loadCompiler(), source))
  } catch (error) {
    // A type that is made of nothing but itself has no bottom.
    if (error instanceof NotPlain || error instanceof LandfallError || error instanceof RangeError) return null
    throw error
  }
}

export async function readCompiled(sources: readonly DomainSource[]): Promise<(TypeModel | LandfallError)[]> {
  if (sources.length === 0) return []
  const { openDomains } = await import('./program.ts')
  return (await openDomains(sources)).map((opened) => (opened instanceof LandfallError ? opened : modelOf(opened)))
}

function modelOf(reader: Reader): TypeModel {
  const types = declaredTypes(reader)
  const attached = types.flatMap(({ tags, properties }) => [...tags, ...(properties ?? []).flatMap((one) => one.tags)])
  return {
    files: reader.entries.map(({ fileName }) => filePath(reader.root, fileName)),
    types,
    strayTags: reader.entries.flatMap((file) => strayTags(reader, file, attached)),
  }
}
