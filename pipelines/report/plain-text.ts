import { stripVTControlCharacters } from 'node:util'

/** C0 and C1 controls but tab and line feed, and the marks that reorder or hide text on a screen. */
const unseen =
  // eslint-disable-next-line no-control-regex -- controls are what it is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g

/**
 * Text of a database, a file or an error, made safe for any screen: no escape sequences, no controls but tab and line feed,
 * no invisible marks, no `##[command]` of the GitHub runner (it looks for those anywhere in a line).
 */
export const plainText = (text: string): string =>
  stripVTControlCharacters(text.toWellFormed().replace(/\r\n?|\u2028|\u2029/g, '\n'))
    .replace(unseen, '')
    .replaceAll('##[', '## [')

/** The same on one line. */
export const oneLine = (text: string): string =>
  plainText(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim()

/** At most `limit` characters, with an ellipsis in place of the rest. */
export const clipped = (text: string, limit: number): string => {
  if (text.length <= limit) return text
  const characters = Array.from(text)
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`
}
