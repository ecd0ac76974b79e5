import type { ts as TypeScript } from 'ts-morph'

/**
 * Zod's declarations, made cheaper to read; those of others as they are. Its schemas get `out` before their type
 * parameters, which zod itself writes before those of `ZodType` alone: without it the compiler finds out by comparing every
 * method of every schema with each other, which takes longer than all else that is asked of it. The languages of its
 * messages, fifty files, are part of no type.
 */
export function zodDeclarations(ts: typeof TypeScript, file: string, text: string): string {
  if (/\/zod\/v4\/locales\/index\.d\.[cm]?ts$/.test(file)) return 'export {}'
  if (!/\/zod\/v4\/(?:classic|mini)\/(?:schemas|errors)\.d\.[cm]?ts$/.test(file)) return text
  const places = ts
    .createSourceFile(file, text, ts.ScriptTarget.Latest)
    .statements.filter((statement) => ts.isInterfaceDeclaration(statement))
    .flatMap(({ typeParameters }) => typeParameters ?? [])
    .filter(({ modifiers }) => modifiers === undefined)
    .map(({ name }) => name.end - name.text.length)
  return [0, ...places].map((from, index) => text.slice(from, places[index])).join('out ')
}
