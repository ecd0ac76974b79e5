import type { CatalogObject, Json } from '../catalog.ts'
import { ownName } from '../rename.ts'

/** How objects of one kind are made, changed and dropped. Statements end with a semicolon. */
export interface Statements {
  /** `table public.tasks`: what DROP, COMMENT ON and ALTER … OWNER TO name. */
  readonly address: (object: CatalogObject) => string
  /** `parts`: the catalog that the object is to be part of, for a table with its columns and constraints. */
  readonly create: (object: CatalogObject, parts: readonly CatalogObject[]) => string[]
  readonly drop?: (object: CatalogObject) => string[]
  /** Field → statements that change it. A field that is not here costs the object: it is dropped and made again. */
  readonly alter?: Readonly<Record<string, (expected: CatalogObject, actual: CatalogObject) => string[]>>
  /** What GRANT calls it, `function public.f(integer)`; absent where there is nothing to grant. */
  readonly grants?: (object: CatalogObject) => string
  /** What everybody may do with a new one. */
  readonly everybody?: string
  /** It holds data or other objects: never dropped to change it. */
  readonly keep?: true
}

export type Fields = CatalogObject['definition']

/** A field that is text, a number or a flag, as SQL has it. */
export const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)
export const literal = (value: Json | undefined): string => `'${text(value).replaceAll("'", "''")}'`
export const own = ownName
export const quoted = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
export const list = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.map(String) : [])

/** `key=value` entries as `key 'value'` (foreign options) or `key = 'value'` (storage options). */
export const optionsOf = (value: Json | undefined, separator: ' ' | ' = '): string =>
  list(value)
    .map((entry) => `${entry.slice(0, entry.indexOf('='))}${separator}${literal(entry.slice(entry.indexOf('=') + 1))}`)
    .join(', ')

const keysOf = (value: Json | undefined): string[] => list(value).map((entry) => entry.slice(0, entry.indexOf('=')))

/** SET and RESET of storage options: what is expected, and nothing else. */
export function setOptions(alter: string, expected: Json | undefined, actual: Json | undefined, prefix = ''): string[] {
  const gone = keysOf(actual).filter((key) => !keysOf(expected).includes(key))
  const named = list(expected).map((entry) => prefix + entry)
  return [
    ...(gone.length > 0 ? [`${alter} reset (${gone.map((key) => prefix + key).join(', ')});`] : []),
    ...(named.length > 0 ? [`${alter} set (${optionsOf(named, ' = ')});`] : []),
  ]
}

/** OPTIONS (…) of foreign data: added, changed and dropped. */
export function foreignOptions(alter: string, expected: Json | undefined, actual: Json | undefined): string[] {
  const had = new Set(keysOf(actual))
  const changes = [
    ...list(expected)
      .filter((entry) => !list(actual).includes(entry))
      .map((entry) => `${had.has(entry.slice(0, entry.indexOf('='))) ? 'set' : 'add'} ${optionsOf([entry], ' ')}`),
    ...[...had].filter((key) => !keysOf(expected).includes(key)).map((key) => `drop ${key}`),
  ]
  return changes.length === 0 ? [] : [`${alter} options (${changes.join(', ')});`]
}

/** GRANT and REVOKE between two lists of `grantee PRIVILEGE [with grant option]`. */
export function grantStatements(
  target: string,
  expected: Json | undefined,
  actual: Json | undefined,
  prefix = '',
  columns = '',
): string[] {
  const parse = (entry: string): [string, string, string] => {
    const [, grantee, privilege, option] = /^("(?:[^"]|"")*"|\S+) (.*?)( with grant option)?$/.exec(entry)!
    return [grantee === 'PUBLIC' ? 'public' : grantee!, privilege!.toLowerCase() + columns, option ?? '']
  }
  const [have, want] = [list(actual), list(expected)]
  return [
    ...have
      .filter((entry) => !want.includes(entry))
      .map(parse)
      .map(([grantee, privilege]) => `${prefix}revoke ${privilege} on ${target} from ${grantee};`),
    ...want
      .filter((entry) => !have.includes(entry))
      .map(parse)
      .map(([grantee, privilege, option]) => `${prefix}grant ${privilege} on ${target} to ${grantee}${option};`),
  ]
}

/** A kind of which everything is in its name and a clause behind it. */
export const named = (
  keyword: string,
  clause: (fields: Fields, object: CatalogObject) => string,
  rest: Partial<Statements> = {},
): Statements => ({
  address: ({ name }) => `${keyword} ${name}`,
  create: (object) => [`create ${keyword} ${object.name} ${clause(object.definition, object)};`],
  ...rest,
})

/** `f = v, g = w` of the parts that are there. */
export const clauses = (parts: Readonly<Record<string, Json | undefined>>): string =>
  Object.entries(parts)
    .filter(([, value]) => value !== null && value !== undefined && value !== '-' && value !== false)
    .map(([key, value]) => (value === true ? key : `${key} = ${text(value)}`))
    .join(', ')
