import type { Location } from '../../migrations/error.ts'
import { plainText } from './plain-text.ts'

export interface ExcerptLine {
  /** The line's number, right-aligned; null for the line of the caret. */
  readonly number: string | null
  readonly text: string
}

/**
 * The line that a location names, the one before it, and a caret under the column; empty when the source or the line is not
 * there. Tabs become two spaces; a line longer than `width` is cut around the caret.
 */
export const excerpt = (
  { file, line, column }: Location,
  readSource: (file: string) => string | null,
  width: number,
): readonly ExcerptLine[] => {
  const source = line === null ? null : readSource(file)
  if (line === null || source === null) return []
  const lines = source.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)
  const marked = lines[line - 1]
  if (marked === undefined) return []
  const digits = String(line).length
  const numbered = (n: number): string => String(n).padStart(digits)
  const before = Array.from(shown(marked.slice(0, (column ?? 1) - 1)))
  const skip = Math.max(0, before.length - Math.floor(width / 2))
  const cut = (text: string): string => {
    const rest = Array.from(text).slice(skip)
    return rest.length > width ? `${rest.slice(0, width - 1).join('')}…` : rest.join('')
  }
  const previous = lines[line - 2]
  return [
    ...(previous === undefined || previous.trim() === ''
      ? []
      : [{ number: numbered(line - 1), text: cut(shown(previous)) }]),
    { number: numbered(line), text: cut(shown(marked)) },
    ...(column === null || column > marked.length + 1
      ? []
      : [{ number: null, text: `${' '.repeat(columns(before.slice(skip)))}^` }]),
  ]
}

const shown = (text: string): string => plainText(text).replaceAll('\n', ' ').replaceAll('\t', '  ')

const twoColumns =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/u

/** Columns that a text takes on a terminal. */
const columns = (characters: readonly string[]): number =>
  characters.reduce((sum, character) => sum + (/\p{M}/u.test(character) ? 0 : twoColumns.test(character) ? 2 : 1), 0)
