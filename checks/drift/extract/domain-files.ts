import { existsSync, statSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { LandfallError } from '../../../migrations/error.ts'

/** A path relative to the config's directory, with forward slashes. */
export const filePath = (root: string, file: string): string => relative(root, file).split(sep).join('/') || file

/**
 * The files that `domain.files` names, absolute and in order; a path that exists is taken as it is, whatever is in it.
 * Throws `LandfallError` (usage) when one of the globs matches nothing.
 */
export async function domainFiles(root: string, patterns: string | readonly string[]): Promise<string[]> {
  const found = new Set<string>()
  for (const pattern of [patterns].flat()) {
    const literal = resolve(root, pattern)
    const matches = existsSync(literal) && statSync(literal).isFile() ? [literal] : await expand(root, pattern)
    if (matches.length === 0) {
      throw new LandfallError('usage', 'domain-files-missing', `domain: no file matches ${JSON.stringify(pattern)}`, {
        next: `correct domain.files in landfall.config.ts; it is relative to ${filePath(process.cwd(), root)}`,
        fields: { pattern },
      })
    }
    for (const match of matches) found.add(match)
  }
  return [...found].toSorted()
}

async function expand(root: string, pattern: string): Promise<string[]> {
  const files: string[] = []
  for await (const match of glob(pattern, { cwd: root, exclude: (path) => path.includes('node_modules') })) {
    if (/\.[cm]?tsx?$/.test(match)) files.push(resolve(root, match))
  }
  return files
}
