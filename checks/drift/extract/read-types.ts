import { LandfallError } from '../../../migrations/error.ts'
import { declaredTypes } from './declarations.ts'
import { filePath } from './domain-files.ts'
import { type DomainSource, openDomains } from './program.ts'
import type { Reader } from './reader.ts'
import { strayTags } from './tags.ts'
import type { TypeModel } from '../type-model.ts'

/** Reads domains into plain values, on the thread that calls; in order, what cannot be read as its error: see `openDomains`. */
export const readTypes = async (sources: readonly DomainSource[]): Promise<(TypeModel | LandfallError)[]> =>
  (await openDomains(sources)).map((opened) => (opened instanceof LandfallError ? opened : modelOf(opened)))

function modelOf(reader: Reader): TypeModel {
  const types = declaredTypes(reader)
  const attached = types.flatMap(({ tags, properties }) => [...tags, ...(properties ?? []).flatMap((one) => one.tags)])
  return {
    files: reader.entries.map(({ fileName }) => filePath(reader.root, fileName)),
    types,
    strayTags: reader.entries.flatMap((file) => strayTags(reader, file, attached)),
  }
}
