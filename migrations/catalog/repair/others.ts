import type { CatalogObject, Json } from '../catalog.ts'
import {
  clauses,
  foreignOptions,
  grantStatements,
  list,
  literal,
  named,
  optionsOf,
  own,
  text,
  type Fields,
  type Statements,
} from './statements.ts'

interface Attribute {
  readonly name: string
  readonly type: string
  readonly collation: string | null
}
interface DomainCheck {
  readonly name: string
  readonly definition: string
}

const usage = { grants: ({ name }: CatalogObject) => `type ${name}`, everybody: 'USAGE' }
const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
const attributes = (d: Fields): readonly Attribute[] => (d['attributes'] ?? []) as unknown as readonly Attribute[]
const attribute = ({ name, type, collation }: Attribute): string =>
  `${quoted(name)} ${type}${collation ? ` collate ${collation}` : ''}`

function alterAttributes(e: CatalogObject, a: CatalogObject): string[] {
  const [want, have] = [attributes(e.definition), attributes(a.definition)]
  return [
    ...have
      .filter(({ name }) => !want.some((each) => each.name === name))
      .map(({ name }) => `alter type ${e.name} drop attribute ${quoted(name)};`),
    ...want.flatMap((each) => {
      const before = have.find(({ name }) => name === each.name)
      if (!before) return [`alter type ${e.name} add attribute ${attribute(each)};`]
      if (attribute(before) === attribute(each)) return []
      return [
        `alter type ${e.name} alter attribute ${quoted(each.name)} type ${each.type}${each.collation ? ` collate ${each.collation}` : ''};`,
      ]
    }),
  ]
}

/** Labels can be added in place; one that must go costs the type, with the columns that have it. */
function alterLabels(e: CatalogObject, a: CatalogObject, parts: readonly CatalogObject[]): string[] {
  const [want, have] = [list(e.definition['labels']), list(a.definition['labels'])]
  if (
    have.every((label) => want.includes(label)) &&
    have.join('\n') === want.filter((label) => have.includes(label)).join('\n')
  ) {
    return want
      .map((label, i) => ({ label, before: want.slice(i + 1).find((next) => have.includes(next)) }))
      .filter(({ label }) => !have.includes(label))
      .map(
        ({ label, before }) =>
          `alter type ${e.name} add value ${literal(label)}${before ? ` before ${literal(before)}` : ''};`,
      )
  }
  const old = `${own(e).replace(/"$/, '')}_old${own(e).endsWith('"') ? '"' : ''}`
  const schema = e.name.slice(0, e.name.length - own(e).length)
  const columns = parts.filter(({ kind, definition }) => kind === 'column' && definition['element'] === e.name)
  return [
    `alter type ${e.name} rename to ${old};`,
    ...enumeration.create(e, []),
    ...columns.flatMap((column) => {
      const alter = `alter table ${column.relation} alter column ${own(column)}`
      const { type, default: preset, array } = column.definition
      return [
        ...(preset === null ? [] : [`${alter} drop default;`]),
        `${alter} type ${text(type)} using ${own(column)}::text${array ? '[]' : ''}::${text(type)};`,
        ...(preset === null ? [] : [`${alter} set default ${text(preset)};`]),
      ]
    }),
    `drop type ${schema}${old};`,
  ]
}

const enumeration: Statements = {
  ...usage,
  address: ({ name }) => `type ${name}`,
  create: ({ name, definition }) => [
    `create type ${name} as enum (${list(definition['labels']).map(literal).join(', ')});`,
  ],
  keep: true,
}

const domainChecks = (d: Fields): readonly DomainCheck[] =>
  ((d['constraints'] ?? []) as unknown as readonly DomainCheck[]).filter(
    ({ definition }) => !definition.startsWith('NOT NULL'),
  )

const domain: Statements = {
  ...usage,
  ...named('domain', (d) =>
    [
      `as ${text(d['type'])}`,
      d['collation'] ? `collate ${text(d['collation'])}` : '',
      d['default'] === null ? '' : `default ${text(d['default'])}`,
      d['notNull'] ? 'not null' : '',
      ...domainChecks(d).map(({ name, definition }) => `constraint ${quoted(name)} ${definition}`),
    ]
      .filter(Boolean)
      .join(' '),
  ),
  alter: {
    default: (e) => [
      `alter domain ${e.name} ${e.definition['default'] === null ? 'drop default' : `set default ${text(e.definition['default'])}`};`,
    ],
    notNull: (e) => [`alter domain ${e.name} ${e.definition['notNull'] ? 'set' : 'drop'} not null;`],
    constraints: (e, a) => {
      const [want, have] = [domainChecks(e.definition), domainChecks(a.definition)]
      const same = (x: DomainCheck) => (y: DomainCheck) => x.name === y.name && x.definition === y.definition
      return [
        ...have
          .filter((each) => !want.some(same(each)))
          .map(({ name }) => `alter domain ${e.name} drop constraint ${quoted(name)};`),
        ...want
          .filter((each) => !have.some(same(each)))
          .map(({ name, definition }) => `alter domain ${e.name} add constraint ${quoted(name)} ${definition};`),
      ]
    },
  },
}

const routine = (keyword: 'function' | 'procedure'): Statements => ({
  address: ({ name }) => `${keyword} ${name}`,
  grants: ({ name }) => `${keyword} ${name}`,
  everybody: 'EXECUTE',
  create: ({ definition }) => [`${text(definition['definition']).trimEnd()};`],
  alter: { definition: ({ definition }) => [`${text(definition['definition']).trimEnd()};`] },
})

const aggregate: Statements = {
  grants: ({ name }) => `function ${name}`,
  everybody: 'EXECUTE',
  ...named(
    'aggregate',
    (d) =>
      `(${clauses({
        sfunc: d['transition'],
        stype: d['state'],
        sspace: d['transitionSpace'] === 0 ? null : d['transitionSpace'],
        finalfunc: d['final'],
        combinefunc: d['combine'],
        serialfunc: d['serial'],
        deserialfunc: d['deserial'],
        initcond: d['initial'] === null ? null : literal(d['initial']),
        msfunc: d['movingTransition'],
        minvfunc: d['movingInverse'],
        mstype: d['movingState'],
        mfinalfunc: d['movingFinal'],
        parallel: { s: 'safe', r: 'restricted', u: 'unsafe' }[text(d['parallel'])],
      })})`,
  ),
}

const CONTEXT: Readonly<Record<string, string>> = { a: ' as assignment', i: ' as implicit', e: '' }
const METHOD: Readonly<Record<string, string>> = { b: 'without function', i: 'with inout' }

const members = (d: Fields): string[] => {
  const operators = (d['operators'] ?? []) as unknown as readonly {
    strategy: number
    operator: string
    sortFamily: string | null
  }[]
  const functions = (d['functions'] ?? []) as unknown as readonly {
    support: number
    function: string
    left?: string
    right?: string
  }[]
  return [
    ...operators.map(
      ({ strategy, operator, sortFamily }) =>
        `operator ${strategy} ${operator}${sortFamily ? ` for order by ${sortFamily}` : ''}`,
    ),
    ...functions.map(
      ({ support, function: f, left, right }) => `function ${support}${left ? ` (${left}, ${right})` : ''} ${f}`,
    ),
  ]
}

const operatorFamily: Statements = named('operator family', () => '', {
  create: ({ name, definition }) => [
    `create operator family ${name};`,
    ...(members(definition).length > 0 ? [`alter operator family ${name} add ${members(definition).join(', ')};`] : []),
  ],
})

const operatorClass: Statements = {
  address: ({ name }) => `operator class ${name}`,
  create: ({ name, definition: d }) => [
    `create operator class ${name.replace(/ using \w+$/, '')}${d['default'] ? ' default' : ''} for type ${text(d['type'])} using ${text(d['method'])} family ${text(d['family'])} as ${[...members(d), ...(d['storage'] ? [`storage ${text(d['storage'])}`] : [])].join(', ')};`,
  ],
}

const operator: Statements = {
  address: ({ name }) => `operator ${name}`,
  create: ({ definition: d }) => [
    `create operator ${text(d['schema'])}.${text(d['operator'])} (${clauses({
      leftarg: d['left'],
      rightarg: d['right'],
      function: d['function'],
      commutator: relative(d['commutator']),
      negator: relative(d['negator']),
      restrict: d['restrict'],
      join: d['join'],
      hashes: d['hashes'],
      merges: d['merges'],
    })});`,
  ],
  alter: {
    restrict: (e) => [`alter operator ${e.name} set (restrict = ${text(e.definition['restrict'] ?? 'none')});`],
    join: (e) => [`alter operator ${e.name} set (join = ${text(e.definition['join'] ?? 'none')});`],
  },
}

/** `public.=(integer,integer)` → `operator(public.=)`. */
const relative = (value: Json | undefined): string | null =>
  value ? `operator(${text(value).replace(/\(.*$/, '')})` : null

const configuration: Statements = named('text search configuration', (d) => `(parser = ${text(d['parser'])})`, {
  create: (object) => [
    `create text search configuration ${object.name} (parser = ${text(object.definition['parser'])});`,
    ...configuration.alter!['mappings']!(object, { ...object, definition: { mappings: {} } }),
  ],
  alter: {
    mappings: (e, a) => {
      const [want, have] = [e, a].map(({ definition }) => definition['mappings'] as Fields)
      const alter = `alter text search configuration ${e.name}`
      return [
        ...Object.keys(have!)
          .filter((token) => !(token in want!))
          .map((token) => `${alter} drop mapping for ${token};`),
        ...Object.keys(want!)
          .filter((token) => JSON.stringify(want![token]) !== JSON.stringify(have![token]))
          .map(
            (token) =>
              `${alter} ${token in have! ? 'alter' : 'add'} mapping for ${token} with ${list(want![token]).join(', ')};`,
          ),
      ]
    },
  },
})

const publication: Statements = named('publication', (d) => {
  const tables = (
    d['tables'] as unknown as readonly { table: string; where: string | null; columns: string[] | null }[]
  ).map(
    ({ table, where, columns }) =>
      `table ${table}${columns ? ` (${columns.join(', ')})` : ''}${where ? ` where (${where})` : ''}`,
  )
  const schemas = list(d['schemas']).map((schema) => `tables in schema ${schema}`)
  const targets = [...tables, ...schemas]
  const publish = ['insert', 'update', 'delete', 'truncate'].filter((event) => d[event])
  const scope = d['allTables'] ? 'for all tables ' : targets.length > 0 ? `for ${targets.join(', ')} ` : ''
  return `${scope}with (publish = '${publish.join(', ')}', publish_via_partition_root = ${text(d['viaRoot'])})`
})

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

/** The name of the database is not known to a script: it asks for it. */
const onDatabase = (statement: string): string =>
  `do $$ begin execute format(${literal(statement)}, current_database()); end $$;`

const database: Statements = {
  address: () => 'database',
  create: ({ definition: d }) => [
    ...(d['comment'] === null
      ? []
      : [onDatabase(`comment on database %I is ${literal(d['comment']).replaceAll('%', '%%')}`)]),
    ...(d['connectionLimit'] === -1
      ? []
      : [onDatabase(`alter database %I connection limit ${text(d['connectionLimit'])}`)]),
  ],
  drop: () => [onDatabase('comment on database %I is null'), onDatabase('alter database %I connection limit -1')],
  alter: {
    comment: (e) => [
      onDatabase(
        `comment on database %I is ${e.definition['comment'] === null ? 'null' : literal(e.definition['comment']).replaceAll('%', '%%')}`,
      ),
    ],
    connectionLimit: (e) => [onDatabase(`alter database %I connection limit ${text(e.definition['connectionLimit'])}`)],
    privileges: (e, a) =>
      grantStatements('database %I', e.definition['privileges'], a.definition['privileges']).map((each) =>
        onDatabase(each.slice(0, -1)),
      ),
  },
}

const databaseSetting: Statements = {
  address: ({ name }) => `database setting ${name}`,
  create: ({ name, definition: d }) => [
    onDatabase(`alter database %I set ${name} = ${literal(d['value']).replaceAll('%', '%%')}`),
  ],
  drop: ({ name }) => [onDatabase(`alter database %I reset ${name}`)],
  alter: { value: (e) => databaseSetting.create(e, []) },
}

const inDatabase = (d: Fields, clause: string): string =>
  onDatabase(`alter role ${quoted(text(d['role']))} in database %I ${clause}`)
const roleSetting: Statements = {
  address: ({ name }) => `role setting ${name}`,
  create: ({ definition: d }) => [
    inDatabase(d, `set ${text(d['setting'])} = ${literal(d['value']).replaceAll('%', '%%')}`),
  ],
  drop: ({ definition: d }) => [inDatabase(d, `reset ${text(d['setting'])}`)],
  alter: { value: (e) => roleSetting.create(e, []) },
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

const foreign = (keyword: string, clause: (d: Fields) => string): Statements =>
  named(
    keyword,
    (d) => `${clause(d)}${list(d['options']).length > 0 ? ` options (${optionsOf(d['options'], ' ')})` : ''}`,
    {
      alter: {
        options: (e, a) =>
          foreignOptions(`alter ${keyword} ${e.name}`, e.definition['options'], a.definition['options']),
        version: (e) => [`alter ${keyword} ${e.name} version ${literal(e.definition['version'])};`],
      },
    },
  )

const collationClause = (d: Fields): string => {
  const k = d['definition'] as Fields
  const provider = { c: 'libc', i: 'icu', b: 'builtin' }[text(k['collprovider'])]
  const locale = k['colllocale'] ?? k['colliculocale']
  return `(${clauses({
    provider,
    ...(locale
      ? { locale: literal(locale) }
      : { lc_collate: literal(k['collcollate']), lc_ctype: literal(k['collctype']) }),
    deterministic: k['collisdeterministic'] === false ? 'false' : null,
  })})`
}

const FIRES: Readonly<Record<string, string>> = { O: 'enable', D: 'disable', R: 'enable replica', A: 'enable always' }
const eventTrigger: Statements = {
  address: ({ name }) => `event trigger ${name}`,
  create: (object) => {
    const { event, tags, function: f, enabled } = object.definition
    const when = list(tags).length > 0 ? ` when tag in (${list(tags).map(literal).join(', ')})` : ''
    return [
      `create event trigger ${object.name} on ${text(event)}${when} execute function ${text(f)};`,
      ...(enabled === 'O' ? [] : eventTrigger.alter!['enabled']!(object, object)),
    ]
  },
  alter: { enabled: (e) => [`alter event trigger ${e.name} ${FIRES[text(e.definition['enabled'])]};`] },
}

/** Everything but relations and their parts. */
export const otherStatements: Readonly<Record<string, Statements>> = {
  enum: enumeration,
  domain,
  'composite type': {
    ...usage,
    ...named('type', (d) => `as (${attributes(d).map(attribute).join(', ')})`),
    alter: { attributes: alterAttributes },
  },
  'range type': {
    ...usage,
    ...named(
      'type',
      (d) =>
        `as range (${clauses({
          subtype: d['subtype'],
          subtype_opclass: d['operatorClass'],
          collation: d['collation'],
          canonical: d['canonical'],
          subtype_diff: d['difference'],
          multirange_type_name: d['multirange'],
        })})`,
    ),
  },
  'base type': {
    ...named('type', (d) =>
      d['defined']
        ? `(${clauses({ input: d['input'], output: d['output'], receive: d['receive'], send: d['send'], internallength: d['length'] === -1 ? 'variable' : d['length'], passedbyvalue: d['byValue'] })})`
        : '',
    ),
    drop: ({ name }) => [`drop type ${name} cascade;`],
  },
  function: routine('function'),
  'window function': routine('function'),
  procedure: routine('procedure'),
  aggregate,
  cast: named(
    'cast',
    (d) =>
      `${d['function'] ? `with function ${text(d['function'])}` : METHOD[text(d['method'])]}${CONTEXT[text(d['context'])]}`,
  ),
  operator,
  'operator class': operatorClass,
  'operator family': operatorFamily,
  collation: named('collation', collationClause),
  conversion: {
    ...named('conversion', () => ''),
    create: ({ name, definition: d }) => [
      `create ${d['default'] ? 'default ' : ''}conversion ${name} for ${literal(d['from'])} to ${literal(d['to'])} from ${text(d['function'])};`,
    ],
  },
  'text search configuration': configuration,
  'text search dictionary': named(
    'text search dictionary',
    (d) => `(template = ${text(d['template'])}${d['options'] ? `, ${text(d['options'])}` : ''})`,
  ),
  'text search parser': named(
    'text search parser',
    (d) =>
      `(${clauses({ start: d['start'], gettoken: d['token'], end: d['end'], lextypes: d['types'], headline: d['headline'] })})`,
  ),
  'text search template': named(
    'text search template',
    (d) => `(${clauses({ init: d['init'], lexize: d['lexize'] })})`,
  ),
  transform: named(
    'transform',
    (d) =>
      `(${[d['from'] ? `from sql with function ${text(d['from'])}` : '', d['to'] ? `to sql with function ${text(d['to'])}` : ''].filter(Boolean).join(', ')})`,
  ),
  language: {
    ...named(
      'language',
      (d) =>
        `handler ${text(d['handler'])}${d['inline'] ? ` inline ${text(d['inline'])}` : ''}${d['validator'] ? ` validator ${text(d['validator'])}` : ''}`,
    ),
    create: ({ name, definition: d }) => [
      `create or replace ${d['trusted'] ? 'trusted ' : ''}language ${name} handler ${text(d['handler'])}${d['inline'] ? ` inline ${text(d['inline'])}` : ''}${d['validator'] ? ` validator ${text(d['validator'])}` : ''};`,
    ],
  },
  'access method': named(
    'access method',
    (d) => `type ${d['type'] === 't' ? 'table' : 'index'} handler ${text(d['handler'])}`,
  ),
  'foreign data wrapper': foreign(
    'foreign data wrapper',
    (d) =>
      clauses({}) +
      (d['handler'] ? `handler ${text(d['handler'])}` : '') +
      (d['validator'] ? ` validator ${text(d['validator'])}` : ''),
  ),
  'foreign server': {
    ...foreign(
      'server',
      (d) =>
        `${d['type'] ? `type ${literal(d['type'])} ` : ''}${d['version'] ? `version ${literal(d['version'])} ` : ''}foreign data wrapper ${text(d['wrapper'])}`,
    ),
    grants: ({ name }) => `foreign server ${name}`,
  },
  'user mapping': {
    address: ({ definition: d }) => `user mapping for ${text(d['user'])} server ${text(d['server'])}`,
    // Its options are secrets that nobody knows here.
    create: ({ definition: d }) => [`create user mapping for ${text(d['user'])} server ${text(d['server'])};`],
  },
  'event trigger': eventTrigger,
  publication,
  subscription: named('subscription', () => '', {
    // The connection string, which holds a password, is not known here.
    create: ({ name }) => [`-- create subscription ${name}`],
    alter: {
      publications: (e) => [
        `alter subscription ${e.name} set publication ${list(e.definition['publications']).join(', ')} with (refresh = false);`,
      ],
    },
  }),
  extension: {
    address: ({ name }) => `extension ${name}`,
    create: ({ name, definition: d }) => [
      `create extension ${name} with schema ${text(d['schema'])} version ${literal(d['version'])};`,
    ],
    alter: {
      version: (e) => [`alter extension ${e.name} update to ${literal(e.definition['version'])};`],
      schema: (e) => [`alter extension ${e.name} set schema ${text(e.definition['schema'])};`],
    },
  },
  schema: {
    address: ({ name }) => `schema ${name}`,
    grants: ({ name }) => `schema ${name}`,
    create: ({ name }) => [`create schema ${name};`],
    keep: true,
  },
  role,
  'role membership': membership,
  'role setting': roleSetting,
  database,
  'database setting': databaseSetting,
  'default privileges': defaultPrivileges,
}

/** The labels of an enum, which need the columns of the catalog that have it. */
export const changeLabels = alterLabels
