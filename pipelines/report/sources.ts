import { readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { GithubEvent } from './github-event.ts'
import type { RenderContext } from './render.ts'

/** Larger files are no sources that a person would look at. */
const largest = 4 * 1024 * 1024

/**
 * Reads the files that locations name: relative to `directory` (that of the config file), each once; null for what cannot be
 * read. With `confined`, nothing outside of `directory` is read, through no link either: for a report that came from elsewhere.
 */
export const sourceReader = (
  directory: string,
  { confined }: { readonly confined: boolean },
): ((file: string) => string | null) => {
  const texts = new Map<string, string | null>()
  return (file) => {
    const known = texts.get(file)
    if (known !== undefined) return known
    const text = readText(directory, file, confined)
    texts.set(file, text)
    return text
  }
}

const readText = (directory: string, file: string, confined: boolean): string | null => {
  try {
    const path = realpathSync(resolve(directory, file))
    if (confined && !isInside(path, realpathSync(directory))) return null
    const stats = statSync(path)
    return stats.isFile() && stats.size <= largest ? readFileSync(path, 'utf8') : null
  } catch {
    return null
  }
}

const isInside = (path: string, directory: string): boolean => {
  const way = relative(directory, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** `RenderContext.prefix`: the way from the repository's root to the config file's directory; `''` when either is not known. */
export const repositoryPrefix = (workspace: string | null, directory: string): string => {
  if (workspace === null || !isInside(directory, workspace)) return ''
  return relative(workspace, directory).split(sep).join('/')
}

export interface Surroundings {
  /** The config file's directory: what locations are relative to. */
  readonly root: string
  readonly event: Pick<GithubEvent, 'workspace' | 'sourceUrl' | 'runUrl'>
  readonly color: boolean
  readonly width: number
  /** The report came from elsewhere: see `sourceReader`. */
  readonly confined: boolean
}

/** Everything that a rendering may know, from where it is made. */
export const renderContext = ({ root, event, color, width, confined }: Surroundings): RenderContext => ({
  readSource: sourceReader(root, { confined }),
  color,
  width,
  prefix: repositoryPrefix(event.workspace, root),
  sourceUrl: event.sourceUrl,
  runUrl: event.runUrl,
})
