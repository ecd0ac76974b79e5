import { clipped, oneLine, plainText } from './plain-text.ts'

/** Every mark that Markdown, its tables, HTML or GitHub's formulas give a meaning to. */
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  $: '&#36;',
  ...Object.fromEntries(Array.from('\\`*_[]~|#', (mark) => [mark, `\\${mark}`])),
}

/** Keeps `@name`, `#12`, `https://…` and `www.…` from becoming mentions and links; not to be seen. */
const unlinked = '&#8203;'

/** Untrusted text on one line, shown as it is: no markup, no mention, no link, and it cannot leave a table's cell. */
export const markdownText = (text: string, limit = 1000): string =>
  clipped(oneLine(text), limit)
    .replace(/[&<>$\\`*_[\]~|#]/g, (mark) => escapes[mark] ?? mark)
    .replace(/@|\\#|:(?=\/\/)|\bwww(?=\.)|\bGH(?=-\d)/gi, (mark) => mark + unlinked)

/**
 * Untrusted text as code on one line; safe inside a table. In a code span a table's `|` cannot be escaped after a backslash, so
 * such text becomes an element instead.
 */
export const markdownCode = (text: string, limit = 300): string => {
  const code = clipped(oneLine(text), limit)
  if (code.includes('|')) return `<code>${markdownText(code, limit)}</code>`
  const fence = '`'.repeat(longestRun(code, '`') + 1)
  const pad = code.startsWith('`') || code.endsWith('`') ? ' ' : ''
  return code === '' ? '' : `${fence}${pad}${code}${pad}${fence}`
}

/** Untrusted text as a block of code, line feed at the end. */
export const markdownBlock = (language: string, text: string, limit = 4000): string => {
  const code = clipped(plainText(text).trimEnd(), limit)
  const fence = '`'.repeat(Math.max(3, longestRun(code, '`') + 1))
  return `${fence}${language}\n${code}\n${fence}\n`
}

const longestRun = (text: string, mark: string): number =>
  Math.max(0, ...(text.match(new RegExp(`${mark}+`, 'g')) ?? []).map((run) => run.length))
