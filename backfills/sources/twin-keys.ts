const [QUOTE, SPACE, COLON] = [0x22, 0x20, ':']

/**
 * The first name that one object of a JSON text has twice, or null. `JSON.parse` keeps the last value and says nothing:
 * the other would be lost. Nearly every text is cleared by counting.
 */
export function twinKey(text: string, value: unknown): string | null {
  let written = 0
  for (let at = text.indexOf(COLON); at >= 0; at = text.indexOf(COLON, at + 1)) {
    const before = text.charCodeAt(at - 1)
    if (before === QUOTE) written += 1
    else if (before <= SPACE) return firstTwin(text) // white space before a colon, which a program seldom writes
  }
  return written === keysIn(value) ? null : firstTwin(text)
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') count += keysIn(item)
    return count
  }
  const members = value as Record<string, unknown>
  for (const key of Object.keys(members)) {
    count += 1
    const member = members[key]
    if (typeof member === 'object') count += keysIn(member)
  }
  return count
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}]/gs

/** Of a text that is JSON. */
function firstTwin(text: string): string | null {
  const open: Set<string>[] = []
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (isKey(text, index + token.length)) {
      const key = JSON.parse(token) as string
      if (open.at(-1)?.has(key)) return key
      open.at(-1)?.add(key)
    }
  }
  return null
}

/** Whether a colon follows. */
function isKey(text: string, at: number): boolean {
  let next = at
  while (' \t\r\n'.includes(text[next] ?? 'x')) next += 1
  return text[next] === ':'
}
