import { declaredTypes } from './extract/declarations.ts'
import { filePath } from './extract/domain-files.ts'
import { type DomainSource, openProgram } from './extract/program.ts'
import { strayTags } from './extract/tags.ts'
import type { TypeModel } from './type-model.ts'

/**
 * Reads the domain's types into plain values. What stands in `extract/` alone speaks to the compiler, which is loaded
 * here and not before, so that commands without drift start without it.
 * Throws `LandfallError` (usage): see `openProgram`.
 */
export async function extractTypes(source: DomainSource): Promise<TypeModel> {
  const reader = await openProgram(source)
  const types = declaredTypes(reader)
  const attached = types.flatMap(({ tags, properties }) => [...tags, ...(properties ?? []).flatMap((one) => one.tags)])
  return {
    files: reader.entries.map(({ fileName }) => filePath(reader.root, fileName)),
    types,
    strayTags: reader.entries.flatMap((file) => strayTags(reader, file, attached)),
  }
}
