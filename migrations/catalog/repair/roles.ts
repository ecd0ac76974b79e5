import type { CatalogObject, Json } from '../catalog.ts'
import { grantStatements, list, literal, quoted, text, type Fields, type Statements } from './statements.ts'

const role: Statements = {
  address: ({ name }) => `role ${name}`,
  create: (object) => [
    `create role ${object.name}${roleOptions(object.definition, ROLE_DEFAULTS)};`,
    ...roleSettings(object, []),
  ],
  keep: true,
  alter: {
    settings: (e, a) => roleSettings(e, list(a.definition['settings'])),
    ...Object.fromEntries(
      [
        'superuser',
        'inherit',
        'createRole',
        'createDatabase',
        'login',
        'replication',
        'bypassRowSecurity',
        'connectionLimit',
        'validUntil',
      ].map((field) => [
        field,
        (e: CatalogObject, a: CatalogObject) => [
          `alter role ${e.name}${roleOptions({ [field]: e.definition[field]! }, { [field]: a.definition[field]! })};`,
        ],
      ]),
    ),
  },
}
const ROLE_DEFAULTS: Fields = {
  superuser: false,
  inherit: true,
  createRole: false,
  createDatabase: false,
  login: false,
  replication: false,
  bypassRowSecurity: false,
  connectionLimit: -1,
  validUntil: null,
}
const ROLE_WORDS: Readonly<Record<string, string>> = {
  superuser: 'superuser',
  inherit: 'inherit',
  createRole: 'createrole',
  createDatabase: 'createdb',
  login: 'login',
  replication: 'replication',
  bypassRowSecurity: 'bypassrls',
}
const roleOptions = (want: Fields, have: Fields): string =>
  Object.entries(want)
    .filter(([field, value]) => field in ROLE_DEFAULTS && value !== have[field])
    .map(([field, value]) => {
      if (field === 'connectionLimit') return ` connection limit ${text(value)}`
      if (field === 'validUntil') return ` valid until ${literal(value ?? 'infinity')}`
      return ` ${value ? '' : 'no'}${ROLE_WORDS[field]}`
    })
    .join('')
const roleSettings = ({ name, definition }: CatalogObject, have: readonly string[]): string[] => {
  const key = (entry: string): string => entry.slice(0, entry.indexOf('='))
  const want = list(definition['settings'])
  return [
    ...have
      .filter((entry) => !want.some((each) => key(each) === key(entry)))
      .map((entry) => `alter role ${name} reset ${key(entry)};`),
    ...want
      .filter((entry) => !have.includes(entry))
      .map((entry) => `alter role ${name} set ${key(entry)} = ${literal(entry.slice(key(entry).length + 1))};`),
  ]
}

const membership: Statements = {
  address: ({ name }) => `role ${name}`,
  create: ({ definition: d }) => [
    `grant ${text(d['group'])} to ${text(d['member'])}${d['admin'] ? ' with admin option' : ''};`,
  ],
  drop: ({ definition: d }) => [`revoke ${text(d['group'])} from ${text(d['member'])};`],
}

const OBJECTS: Readonly<Record<string, string>> = {
  r: 'tables',
  S: 'sequences',
  f: 'functions',
  T: 'types',
  n: 'schemas',
}
const defaults = (d: Fields, want: Json | undefined, have: Json | undefined): string[] => {
  const prefix = `alter default privileges for role ${quoted(text(d['role']))}${d['schema'] ? ` in schema ${text(d['schema'])}` : ''} `
  return grantStatements(OBJECTS[text(d['type'])] ?? 'tables', want, have, prefix)
}
/** What stands there when nobody said anything: in one schema nothing, everywhere what PostgreSQL grants by itself. */
function atFirst({ role, type, schema, privileges }: Fields): string[] {
  if (schema !== null) return []
  const everybody = { f: 'PUBLIC EXECUTE', T: 'PUBLIC USAGE' }[text(type)]
  const its = list(privileges).filter((entry) => entry.startsWith(`${quoted(text(role))} `))
  return everybody === undefined ? its : [...its, everybody]
}

const defaultPrivileges: Statements = {
  address: ({ name }) => `default privileges ${name}`,
  create: ({ definition: d }) => defaults(d, d['privileges'], atFirst(d)),
  drop: ({ definition: d }) => defaults(d, atFirst(d), d['privileges']),
  alter: { privileges: (e, a) => defaults(e.definition, e.definition['privileges'], a.definition['privileges']) },
}

/** Roles, and what they are granted. */
export const roleStatements: Readonly<Record<string, Statements>> = {
  role,
  'role membership': membership,
  'default privileges': defaultPrivileges,
}
