import { declaredTypes } from './declarations.ts'
import { filePath } from './domain-files.ts'
import { type DomainSource, openProgram } from './program.ts'
import { strayTags } from './tags.ts'
import type { TypeModel } from '../type-model.ts'

/** Reads the domain's types into plain values, on the thread that calls. Throws `LandfallError` (usage): see `openProgram`. */
export async function readTypes(source: DomainSource): Promise<TypeModel> {
  const reader = await openProgram(source)
  const types = declaredTypes(reader)
  const attached = types.flatMap(({ tags, properties }) => [...tags, ...(properties ?? []).flatMap((one) => one.tags)])
  return {
    files: reader.entries.map(({ fileName }) => filePath(reader.root, fileName)),
    types,
    strayTags: reader.entries.flatMap((file) => strayTags(reader, file, attached)),
  }
}
