import { hasSqlDetails, scanSync } from 'libpg-query'

/**
 * Whether two `pg_get_functiondef` texts differ in the white space and comments of their bodies alone. The parser must be
 * loaded, as it is after any script was read; this module does not await it, so that CommonJS can require what imports it.
 */
export function sameButLayout(a: string, b: string): boolean {
  const [x, y] = [split(a), split(b)]
  return x !== null && y !== null && x.head === y.head && x.tokens === y.tokens
}

// A language whose tokens are not SQL's keeps its layout: in Python it has a meaning.
const LANGUAGES = /^ LANGUAGE (sql|plpgsql)\b/m

function split(definition: string): { head: string; tokens: string } | null {
  const quote = /^AS (\$function\w*\$)/m.exec(definition)
  if (quote === null || !LANGUAGES.test(definition.slice(0, quote.index))) return null
  const start = quote.index + quote[0].length
  const body = definition.slice(start, definition.lastIndexOf(quote[1]!))
  try {
    const tokens = scanSync(body).tokens.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT'))
    return {
      head: definition.slice(0, start),
      tokens: JSON.stringify(tokens.map(({ tokenName, text }) => [tokenName, text])),
    }
  } catch (error) {
    if (!hasSqlDetails(error)) throw error
    return null
  }
}
