import { type Source, type TextEdit, wholeLines } from './source-text.ts'

/** Takes a tag out of its comment, and the comment away when nothing else stands in it. */
export function removeTag({ file: { text } }: Source, offset: number): TextEdit | null {
  const from = text.lastIndexOf('/*', offset)
  const to = text.indexOf('*/', offset)
  if (from === -1 || to === -1 || !text.startsWith('@landfall-', offset)) return null
  const lineEnd = text.indexOf('\n', offset)
  const end = lineEnd === -1 || lineEnd > to ? to : lineEnd
  const rest = text.slice(from, offset) + text.slice(end, to)
  if (!/[^\s*/]/.test(rest)) return { ...wholeLines(text, from, to + 2), text: '' }
  const lineStart = text.lastIndexOf('\n', offset) + 1
  return end !== to && /^[\s*]*$/.test(text.slice(lineStart, offset))
    ? { start: lineStart, end: end + 1, text: '' }
    : { start: offset, end, text: '' }
}
