import { posix } from 'node:path'
import type { Location } from '../../migrations/error.ts'
import { oneLine } from './plain-text.ts'

/** `src/domain.ts:14:3`, as editors and terminals understand it. */
export const placeText = ({ file, line, column }: Location): string =>
  oneLine([file, ...(line === null ? [] : column === null ? [line] : [line, column])].join(':'))

/**
 * A file of the report as the repository knows it: `prefix` is the config file's directory in it. Null for a file that lies
 * outside of it, which GitHub can neither link nor annotate.
 */
export const repositoryPath = (file: string, prefix: string): string | null => {
  const path = posix.normalize(posix.join(prefix, file))
  return posix.isAbsolute(file) || path === '..' || path.startsWith('../') ? null : path
}

/** The address of a line on GitHub; null when there is none. */
export const placeUrl = ({ file, line }: Location, prefix: string, sourceUrl: string | null): string | null => {
  const path = repositoryPath(file, prefix)
  if (path === null || sourceUrl === null) return null
  return `${sourceUrl}/${path.split('/').map(urlSegment).join('/')}${line === null ? '' : `#L${line}`}`
}

/** Parentheses are legal in an address and end a Markdown link. */
const urlSegment = (segment: string): string =>
  encodeURIComponent(segment.toWellFormed()).replace(/[()]/g, (bracket) => (bracket === '(' ? '%28' : '%29'))
