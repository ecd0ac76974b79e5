import type { CatalogObject } from '../catalog.ts'
import {
  foreignOptions,
  grantStatements,
  list,
  literal,
  named,
  optionsOf,
  own,
  setOptions,
  text,
  type Fields,
  type Statements,
} from './statements.ts'

const alterTable = ({ relation }: CatalogObject): string => `alter table ${relation}`
const alterColumn = (column: CatalogObject): string => `${alterTable(column)} alter column ${own(column)}`

function columnClause({ definition: d }: CatalogObject): string {
  const collation = d['collation'] ? ` collate ${text(d['collation'])}` : ''
  const generated = d['generated']
    ? ` generated always as (${text(d['default'])}) ${d['generated'] === 's' ? 'stored' : 'virtual'}`
    : ''
  const identity = d['identity'] ? ` generated ${d['identity'] === 'a' ? 'always' : 'by default'} as identity` : ''
  const preset = d['default'] !== null && !generated ? ` default ${text(d['default'])}` : ''
  return `${text(d['type'])}${collation}${generated}${identity}${preset}${d['notNull'] ? ' not null' : ''}`
}

const STORAGE: Readonly<Record<string, string>> = { p: 'plain', e: 'external', m: 'main', x: 'extended' }
const COMPRESSION: Readonly<Record<string, string>> = { p: 'pglz', l: 'lz4', '': 'default' }

const retype = (e: CatalogObject): string[] => [
  `${alterColumn(e)} type ${text(e.definition['type'])}${e.definition['collation'] ? ` collate ${text(e.definition['collation'])}` : ''} using ${own(e)}::${text(e.definition['type'])};`,
]

const column: Statements = {
  address: ({ name }) => `column ${name}`,
  create: (object) => [
    `${alterTable(object)} add column ${own(object)} ${columnClause(object)};`,
    ...columnExtras(object),
  ],
  drop: (object) => [`${alterTable(object)} drop column ${own(object)};`],
  keep: true,
  alter: {
    type: retype,
    collation: retype,
    element: () => [],
    array: () => [],
    default: (e) =>
      e.definition['generated']
        ? [`${alterColumn(e)} set expression as (${text(e.definition['default'])});`]
        : [
            `${alterColumn(e)} ${e.definition['default'] === null ? 'drop default' : `set default ${text(e.definition['default'])}`};`,
          ],
    notNull: (e) => [`${alterColumn(e)} ${e.definition['notNull'] ? 'set' : 'drop'} not null;`],
    identity: (e, a) => {
      const mode = e.definition['identity'] === 'a' ? 'always' : 'by default'
      if (!e.definition['identity']) return [`${alterColumn(e)} drop identity;`]
      return [
        `${alterColumn(e)} ${a.definition['identity'] ? 'set' : 'add'} generated ${mode}${a.definition['identity'] ? '' : ' as identity'};`,
      ]
    },
    generated: (e) =>
      e.definition['generated']
        ? [`${alterTable(e)} drop column ${own(e)};`, ...column.create(e, [])]
        : [`${alterColumn(e)} drop expression;`],
    storage: (e) => [`${alterColumn(e)} set storage ${STORAGE[text(e.definition['storage'])]};`],
    compression: (e) => [`${alterColumn(e)} set compression ${COMPRESSION[text(e.definition['compression'])]};`],
    statistics: (e) => [`${alterColumn(e)} set statistics ${text(e.definition['statistics'] ?? -1)};`],
    options: (e, a) => setOptions(alterColumn(e), e.definition['options'], a.definition['options']),
    foreignOptions: (e, a) =>
      foreignOptions(
        alterColumn(e).replace('table', 'foreign table'),
        e.definition['foreignOptions'],
        a.definition['foreignOptions'],
      ),
    privileges: (e, a) =>
      grantStatements(text(e.relation), e.definition['privileges'], a.definition['privileges'], '', ` (${own(e)})`),
    local: () => [],
    inherited: () => [],
  },
}

/** What ADD COLUMN and CREATE TABLE have no word for. */
export const columnExtras = (object: CatalogObject): string[] =>
  (['statistics', 'options'] as const)
    .filter((field) => object.definition[field] !== null)
    .flatMap((field) => column.alter![field]!(object, { ...object, definition: {} }))

const identityClause = (d: Fields): string => {
  if (d['replicaIdentity'] === 'f') return 'full'
  return d['replicaIdentity'] === 'n' ? 'nothing' : 'default'
}

const table: Statements = {
  address: ({ name }) => `table ${name}`,
  grants: ({ name }) => `table ${name}`,
  keep: true,
  create: ({ name, definition: d }, parts) => {
    const of = (kind: string): CatalogObject[] => parts.filter((part) => part.relation === name && part.kind === kind)
    const columns = of('column').toSorted((a, b) => Number(a.cosmetic['position']) - Number(b.cosmetic['position']))
    const constraints = of('constraint').filter(
      ({ definition }) => definition['type'] !== 'n' && definition['type'] !== 'f',
    )
    const lines = [
      ...columns.map((each) => `${own(each)} ${columnClause(each)}`),
      ...constraints
        .filter(({ definition }) => definition['validated'] === true)
        .map((each) => `constraint ${own(each)} ${text(each.definition['definition'])}`),
    ]
    const unlogged = d['persistence'] === 'u' ? 'unlogged ' : ''
    const key = d['partitionKey'] === null ? '' : ` partition by ${text(d['partitionKey'])}`
    const options = list(d['options']).length > 0 ? ` with (${optionsOf(d['options'], ' = ')})` : ''
    const inherits = list(d['inherits'])
    const heirs = inherits.length > 0 && d['partitionBound'] === null ? ` inherits (${inherits.join(', ')})` : ''
    const empty = { ...d, rowSecurity: false, forceRowSecurity: false, replicaIdentity: 'd' }
    const plain = { kind: 'table', name, relation: null, definition: empty, cosmetic: {} }
    const self = { ...plain, definition: d }
    return [
      `create ${unlogged}table ${name} (\n  ${lines.join(',\n  ')}\n)${heirs}${key}${options};`,
      ...(d['partitionBound'] === null
        ? []
        : [`alter table ${inherits[0]} attach partition ${name} ${text(d['partitionBound'])};`]),
      ...['rowSecurity', 'forceRowSecurity', 'replicaIdentity']
        .filter((field) => d[field] !== empty[field as 'rowSecurity'])
        .flatMap((field) => table.alter![field]!(self, plain)),
    ]
  },
  alter: {
    options: (e, a) => setOptions(`alter table ${e.name}`, e.definition['options'], a.definition['options']),
    toastOptions: (e, a) =>
      setOptions(`alter table ${e.name}`, e.definition['toastOptions'], a.definition['toastOptions'], 'toast.'),
    persistence: (e) => [`alter table ${e.name} set ${e.definition['persistence'] === 'u' ? 'unlogged' : 'logged'};`],
    rowSecurity: (e) => [
      `alter table ${e.name} ${e.definition['rowSecurity'] ? 'enable' : 'disable'} row level security;`,
    ],
    forceRowSecurity: (e) => [
      `alter table ${e.name} ${e.definition['forceRowSecurity'] ? '' : 'no '}force row level security;`,
    ],
    replicaIdentity: (e) =>
      e.definition['replicaIdentity'] === 'i'
        ? []
        : [`alter table ${e.name} replica identity ${identityClause(e.definition)};`],
    inherits: (e, a) => {
      if (e.definition['partitionBound'] !== null || a.definition['partitionBound'] !== null) return []
      const [want, have] = [list(e.definition['inherits']), list(a.definition['inherits'])]
      return [
        ...have.filter((each) => !want.includes(each)).map((each) => `alter table ${e.name} no inherit ${each};`),
        ...want.filter((each) => !have.includes(each)).map((each) => `alter table ${e.name} inherit ${each};`),
      ]
    },
    partitionBound: (e, a) => [
      ...(a.definition['partitionBound'] === null
        ? []
        : [`alter table ${list(a.definition['inherits'])[0]} detach partition ${e.name};`]),
      ...(e.definition['partitionBound'] === null
        ? []
        : [
            `alter table ${list(e.definition['inherits'])[0]} attach partition ${e.name} ${text(e.definition['partitionBound'])};`,
          ]),
    ],
    accessMethod: (e) => [`alter table ${e.name} set access method ${text(e.definition['accessMethod'])};`],
    tablespace: (e) => [`alter table ${e.name} set tablespace ${text(e.definition['tablespace'] ?? 'pg_default')};`],
    ofType: (e) => [
      `alter table ${e.name} ${e.definition['ofType'] === null ? 'not of' : `of ${text(e.definition['ofType'])}`};`,
    ],
  },
}

const constraint: Statements = {
  address: (object) => `constraint ${own(object)} on ${object.relation}`,
  // A column that is NOT NULL has its constraint under a generated name already.
  create: (object) =>
    object.definition['type'] === 'n'
      ? []
      : [`${alterTable(object)} add constraint ${own(object)} ${text(object.definition['definition'])};`],
  drop: (object) =>
    object.definition['type'] === 'n' ? [] : [`${alterTable(object)} drop constraint ${own(object)};`],
  alter: {
    clustered: (e) => [
      e.definition['clustered'] ? `${alterTable(e)} cluster on ${own(e)};` : `${alterTable(e)} set without cluster;`,
    ],
    replicaIdentity: (e) =>
      e.definition['replicaIdentity'] ? [`${alterTable(e)} replica identity using index ${own(e)};`] : [],
  },
}

const index: Statements = {
  address: ({ name }) => `index ${name}`,
  create: (object) => [
    `${text(object.definition['definition'])};`,
    ...(object.definition['clustered'] ? index.alter!['clustered']!(object, object) : []),
    ...(object.definition['replicaIdentity'] ? index.alter!['replicaIdentity']!(object, object) : []),
  ],
  alter: {
    clustered: (e) => [
      e.definition['clustered']
        ? `${alterTable(e)} cluster on ${last(e.name)};`
        : `${alterTable(e)} set without cluster;`,
    ],
    replicaIdentity: (e) =>
      e.definition['replicaIdentity'] ? [`${alterTable(e)} replica identity using index ${last(e.name)};`] : [],
    partOf: (e) =>
      e.definition['partOf'] ? [`alter index ${text(e.definition['partOf'])} attach partition ${e.name};`] : [],
    valid: (e) => [`reindex index ${e.name};`],
    statistics: (e, a) => {
      const [want, have] = [e, a].map(({ definition }) => (definition['statistics'] ?? {}) as Fields)
      return [...new Set([...Object.keys(want!), ...Object.keys(have!)])].map(
        (key) => `alter index ${e.name} alter column ${key} set statistics ${text(want![key] ?? -1)};`,
      )
    },
  },
}

const last = (name: string): string => /(?:^|\.)("(?:[^"]|"")*"|[^."]+)$/.exec(name)![1]!

const view = (keyword: string): Statements => ({
  address: ({ name }) => `${keyword} ${name}`,
  grants: ({ name }) => `table ${name}`,
  create: ({ name, definition: d }) => [
    `create ${keyword} ${name}${list(d['options']).length > 0 ? ` with (${optionsOf(d['options'], ' = ')})` : ''} as ${text(d['query']).replace(/;$/, '')}${d['populated'] || keyword === 'view' ? '' : ' with no data'};`,
  ],
  alter: {
    options: (e, a) => setOptions(`alter ${keyword} ${e.name}`, e.definition['options'], a.definition['options']),
    ...(keyword === 'view'
      ? {}
      : {
          populated: (e: CatalogObject) => [
            `refresh materialized view ${e.name}${e.definition['populated'] ? '' : ' with no data'};`,
          ],
        }),
  },
})

const sequenceClause = (d: Fields): string =>
  `increment by ${text(d['increment'])} minvalue ${text(d['min'])} maxvalue ${text(d['max'])} start with ${text(d['start'])} cache ${text(d['cache'])}${d['cycle'] ? ' cycle' : ' no cycle'}`
const resequence = (e: CatalogObject): string[] => [
  `alter sequence ${e.name} as ${text(e.definition['type'])} ${sequenceClause(e.definition)};`,
]
const sequence: Statements = {
  address: ({ name }) => `sequence ${name}`,
  grants: ({ name }) => `sequence ${name}`,
  keep: true,
  create: ({ name, definition: d }) => [
    `create ${d['persistence'] === 'u' ? 'unlogged ' : ''}sequence ${name} as ${text(d['type'])} ${sequenceClause(d)};`,
    ...(d['ownedBy'] ? [`alter sequence ${name} owned by ${text(d['ownedBy'])};`] : []),
  ],
  alter: {
    ...Object.fromEntries(
      ['type', 'start', 'increment', 'min', 'max', 'cache', 'cycle'].map((field) => [field, resequence]),
    ),
    ownedBy: (e) => [`alter sequence ${e.name} owned by ${text(e.definition['ownedBy'] ?? 'none')};`],
    persistence: (e) => [
      `alter sequence ${e.name} set ${e.definition['persistence'] === 'u' ? 'unlogged' : 'logged'};`,
    ],
  },
}

const FIRES: Readonly<Record<string, string>> = { O: 'enable', D: 'disable', R: 'enable replica', A: 'enable always' }
const fired = (keyword: string): Statements => {
  const enabled = (e: CatalogObject): string[] => [
    `${alterTable(e)} ${FIRES[text(e.definition['enabled'])]} ${keyword} ${own(e)};`,
  ]
  return {
    address: (object) => `${keyword} ${own(object)} on ${object.relation}`,
    create: (object) => [
      `${text(object.definition['definition']).replace(/;$/, '')};`,
      ...(object.definition['enabled'] === 'O' ? [] : enabled(object)),
    ],
    alter: { enabled },
  }
}

const COMMANDS: Readonly<Record<string, string>> = { r: 'select', a: 'insert', w: 'update', d: 'delete', '*': 'all' }
const policy: Statements = {
  address: (object) => `policy ${own(object)} on ${object.relation}`,
  create: (object) => {
    const d = object.definition
    const clause = (keyword: string, field: string): string =>
      d[field] === null ? '' : ` ${keyword} (${text(d[field])})`
    const roles = list(d['roles'])
      .map((role) => (role === 'PUBLIC' ? 'public' : role))
      .join(', ')
    return [
      `create policy ${own(object)} on ${object.relation} as ${d['permissive'] ? 'permissive' : 'restrictive'} for ${COMMANDS[text(d['command'])]} to ${roles}${clause('using', 'using')}${clause('with check', 'check')};`,
    ]
  },
}

const statistics: Statements = {
  address: ({ name }) => `statistics ${name}`,
  create: (object) => [
    `${text(object.definition['definition'])};`,
    ...(object.definition['target'] === null ? [] : statistics.alter!['target']!(object, object)),
  ],
  alter: { target: (e) => [`alter statistics ${e.name} set statistics ${text(e.definition['target'] ?? -1)};`] },
}

const foreignTable: Statements = {
  ...named('foreign table', () => ''),
  grants: ({ name }) => `table ${name}`,
  create: ({ name, definition: d }, parts) => [
    `create foreign table ${name} (${parts
      .filter((part) => part.relation === name && part.kind === 'column')
      .map((each) => `${own(each)} ${columnClause(each)}`)
      .join(
        ', ',
      )}) server ${text(d['server'])}${list(d['foreignOptions']).length > 0 ? ` options (${optionsOf(d['foreignOptions'], ' ')})` : ''};`,
  ],
  alter: {
    foreignOptions: (e, a) =>
      foreignOptions(`alter foreign table ${e.name}`, e.definition['foreignOptions'], a.definition['foreignOptions']),
  },
}

/** Relations and their parts. */
export const relationStatements: Readonly<Record<string, Statements>> = {
  table,
  'foreign table': foreignTable,
  column,
  constraint,
  index,
  view: view('view'),
  'materialized view': view('materialized view'),
  sequence,
  trigger: fired('trigger'),
  rule: fired('rule'),
  policy,
  statistics,
}

/** Foreign keys and constraints that are not valid yet: made when all tables are there. */
export const laterConstraints = (name: string, parts: readonly CatalogObject[]): CatalogObject[] =>
  parts.filter(
    ({ kind, relation, definition }) =>
      kind === 'constraint' &&
      relation === name &&
      definition['type'] !== 'n' &&
      (definition['type'] === 'f' || definition['validated'] !== true),
  )

export const commentOn = (address: string, comment: Fields[string] | undefined): string =>
  `comment on ${address} is ${comment === null || comment === undefined ? 'null' : literal(comment)};`
