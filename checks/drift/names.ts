import { scanSync } from 'libpg-query'
import postgres from 'postgres'
import type { DomainSettings } from '../settings.ts'

/** The property that the driver makes of a column; null where its algorithm fails (`a_` throws). */
export function propertyName(column: string, names: DomainSettings['names']): string | null {
  if (names === 'none') return column
  try {
    return postgres.toCamel(column)
  } catch {
    return null
  }
}

/** True when the driver's way back gives the same column: what inserts by object rely on. */
export const returns = (column: string, names: DomainSettings['names']): boolean => {
  const property = propertyName(column, names)
  return property !== null && (names === 'none' || postgres.fromCamel(property) === column)
}

/** The column that the driver makes of a property on its way back. */
export const columnName = (property: string, names: DomainSettings['names']): string =>
  names === 'none' ? property : postgres.fromCamel(property)

const quotedNames = new Map<string, string>()

/** A name as PostgreSQL's `quote_ident` writes it; the SQL parser must be loaded. */
export function quoted(name: string): string {
  const known = quotedNames.get(name) ?? quote(name)
  quotedNames.set(name, known)
  return known
}

function quote(name: string): string {
  const plain = /^[a-z_][a-z0-9_]*$/.test(name) && PLAIN_KEYWORDS.has(scanSync(name).tokens[0]?.keywordName ?? '')
  return plain ? name : `"${name.replaceAll('"', '""')}"`
}

const PLAIN_KEYWORDS: ReadonlySet<string> = new Set(['NO_KEYWORD', 'UNRESERVED_KEYWORD'])
