import { scanSync } from 'libpg-query'
import postgres from 'postgres'
import type { DomainSettings } from '../settings.ts'

type Names = DomainSettings['names']

const FUNCTIONS: Readonly<
  Record<NonNullable<Names>, { readonly to: (column: string) => string; readonly from: (property: string) => string }>
> = {
  camel: { to: postgres.toCamel, from: postgres.fromCamel },
  pascal: { to: postgres.toPascal, from: postgres.fromPascal },
  kebab: { to: postgres.toKebab, from: postgres.fromKebab },
  none: { to: (column) => column, from: (property) => property },
}

/** The property that the driver makes of a column; null where its algorithm fails (`a_` throws). */
export function propertyName(column: string, names: Names = 'camel'): string | null {
  try {
    return FUNCTIONS[names].to(column)
  } catch {
    return null
  }
}

/** True when the driver's way back gives the same column: what inserts by object rely on. */
export const returns = (column: string, names: Names): boolean => {
  const property = propertyName(column, names)
  return property !== null && columnName(property, names) === column
}

/** The column that the driver makes of a property on its way back. */
export const columnName = (property: string, names: Names = 'camel'): string => FUNCTIONS[names].from(property)

/** A property's name as TypeScript declares it. */
export const declaredName = (property: string): string =>
  /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(property) ? property : `'${property.replaceAll(/['\\]/g, '\\$&')}'`

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
