import type { Json } from './catalog.ts'

const NAMES: Readonly<Record<string, string>> = {
  r: 'SELECT',
  a: 'INSERT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
  m: 'MAINTAIN',
  X: 'EXECUTE',
  U: 'USAGE',
  C: 'CREATE',
  c: 'CONNECT',
  T: 'TEMPORARY',
  s: 'SET',
  A: 'ALTER SYSTEM',
}

/**
 * An access list as PostgreSQL prints it (`app=rw/owner`, the grantee empty for everybody) as sorted sentences:
 * `app UPDATE with grant option`. Who granted, and in which order, does not matter.
 */
export function privilegesOf(list: Json | undefined): string[] {
  if (!Array.isArray(list)) return []
  return [...new Set(list.flatMap((item) => explode(String(item))))].toSorted()
}

function explode(item: string): string[] {
  const [, grantee, letters] = /^("(?:[^"]|"")*"|[^=]*)=([^/]*)\//.exec(item)!
  return [...letters!.matchAll(/(.)(\*?)/g)].map(
    ([, letter, grant]) => `${grantee || 'PUBLIC'} ${NAMES[letter!] ?? letter}${grant ? ' with grant option' : ''}`,
  )
}
