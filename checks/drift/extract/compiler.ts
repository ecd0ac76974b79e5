import { createRequire } from 'node:module'
import type { ts as TypeScript } from 'ts-morph'

/**
 * The compiler that ts-morph brings, without the rest of it: the standard library's declarations alone are a third of what there
 * is to load, and types that are read by their text need none of them.
 */
export function loadCompiler(): typeof TypeScript {
  const fromHere = createRequire(import.meta.url)
  return createRequire(fromHere.resolve('ts-morph'))('@ts-morph/common/dist/typescript.js') as typeof TypeScript
}
