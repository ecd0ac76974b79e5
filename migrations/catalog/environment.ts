import type { CatalogObject, Json } from './catalog.ts'

/** What each environment has of its own: the server's objects, and what operations tune. */
const KINDS: ReadonlySet<string> = new Set([
  'role',
  'role membership',
  'role setting',
  'database',
  'database setting',
  'default privileges',
  'publication',
  'subscription',
  'user mapping',
  'event trigger',
])

const FIELDS: ReadonlySet<string> = new Set([
  'owner',
  'options',
  'toastOptions',
  'tablespace',
  'statistics',
  'clustered',
  'replicaIdentity',
])

/** The histories of migration tools, landfall's portable one included. */
export const historyTables: ReadonlySet<string> = new Set([
  'schema_migrations',
  'pgmigrations',
  'goose_db_version',
  'gorp_migrations',
  'flyway_schema_history',
  'schema_migration',
  '__diesel_schema_migrations',
  '_sqlx_migrations',
])

/**
 * A catalog without what differs between two environments that run the same migrations: roles and settings, owners and
 * what owners may do, tuning, versions of extensions, histories of migration tools, and landfall's own tables.
 */
export const withoutEnvironment = (objects: readonly CatalogObject[]): CatalogObject[] =>
  objects
    .filter((object) => !KINDS.has(object.kind) && !isHistory(object) && !isNotNull(object))
    .map((object) => ({ ...object, definition: definitionOf(object) }))

/** The schema that an object stands in, as its name has it; null for an object of the whole database. */
export function schemaOf({ kind, name, relation, definition }: CatalogObject): string | null {
  if (kind === 'schema') return name
  if (relation === null && definition['schema'] === undefined && !name.includes('.')) return null
  return /^(?:"(?:[^"]|"")*"|[^.]*)/.exec(relation ?? name)![0]
}

function isHistory(object: CatalogObject): boolean {
  if (schemaOf(object) === 'landfall') return true
  const [, table = ''] = /^[^.]*\.(.*)$/.exec(object.relation ?? object.name) ?? []
  return [...historyTables].some(
    (name) => table === name || (object.kind === 'sequence' && table.startsWith(`${name}_`)),
  )
}

// The column says the same, and a server before 18 knows no other way to say it.
const isNotNull = ({ kind, definition }: CatalogObject): boolean => kind === 'constraint' && definition['type'] === 'n'

function definitionOf({ kind, name, definition }: CatalogObject): CatalogObject['definition'] {
  const own = Object.entries(definition).filter(([field]) => !FIELDS.has(field))
  const { privileges, version, ...rest } = Object.fromEntries(own)
  // Hosting decides what may be done with the schema that is always there.
  if (kind === 'schema' && name === 'public') return { name: 'public' }
  const granted = privileges === undefined ? {} : { privileges: withoutOwner(privileges, definition['owner']) }
  return { ...rest, ...granted, ...(kind === 'extension' || version === undefined ? {} : { version }) }
}

const withoutOwner = (privileges: Json, owner: Json | undefined): Json =>
  Array.isArray(privileges) ? privileges.filter((entry) => !isOf(String(entry), String(owner))) : privileges

const isOf = (entry: string, owner: string): boolean =>
  entry.startsWith(`${owner} `) || entry.startsWith(`"${owner.replaceAll('"', '""')}" `)
