import type { CatalogObject, Json } from './catalog.ts'
import type { CatalogDifference } from './compare.ts'

type Object_ = CatalogObject
type Fields = Readonly<Record<string, Json>>

interface Statements {
  readonly drop: (object: Object_) => string
  /** `parts`: all objects of the expected catalog, for a table with its columns and constraints. */
  readonly create: (object: Object_, parts: readonly Object_[]) => string
  /** Null where the kind has no finer way than dropping and creating. */
  readonly alter?: (expected: Object_, actual: Object_) => string[] | null
}

const text = (value: Json | undefined): string => String(value)
const literal = (value: Json | undefined): string => `'${text(value).replaceAll("'", "''")}'`
const own = (object: Object_): string => object.name.slice(object.relation === null ? 0 : object.relation.length + 1)

const columnClause = ({ definition: d }: Object_): string => {
  const generated = d['generated']
    ? ` generated always as (${text(d['default'])}) ${d['generated'] === 's' ? 'stored' : 'virtual'}`
    : ''
  const identity = d['identity'] ? ` generated ${d['identity'] === 'a' ? 'always' : 'by default'} as identity` : ''
  const preset = d['default'] !== null && !generated ? ` default ${text(d['default'])}` : ''
  return `${text(d['type'])}${generated}${identity}${preset}${d['notNull'] ? ' not null' : ''}`
}

function alterColumn(expected: Object_, actual: Object_): string[] {
  const [e, a]: [Fields, Fields] = [expected.definition, actual.definition]
  const alter = `alter table ${expected.relation} alter column ${own(expected)}`
  const differs = (field: string): boolean => JSON.stringify(e[field]) !== JSON.stringify(a[field])
  return [
    differs('type') ? `${alter} type ${text(e['type'])} using ${own(expected)}::${text(e['type'])};` : '',
    differs('default') && !e['generated']
      ? `${alter} ${e['default'] === null ? 'drop default' : `set default ${text(e['default'])}`};`
      : '',
    differs('notNull') ? `${alter} ${e['notNull'] ? 'set' : 'drop'} not null;` : '',
    differs('comment')
      ? `comment on column ${expected.name} is ${e['comment'] === null ? 'null' : literal(e['comment'])};`
      : '',
  ].filter(Boolean)
}

/** `comment on column … is '…';`, or nothing where there is no comment. */
const commentOn = ({ kind, name, definition }: Object_): string =>
  definition['comment'] ? `\ncomment on ${kind} ${name} is ${literal(definition['comment'])};` : ''

const createSequence = ({ name, definition: d }: Object_): string =>
  `create sequence ${name} as ${text(d['type'])} increment by ${text(d['increment'])} minvalue ${text(d['min'])} maxvalue ${text(d['max'])} start with ${text(d['start'])} cache ${text(d['cache'])}${d['cycle'] ? ' cycle' : ''};`

const ownSequence = ({ name, definition }: Object_): string =>
  `alter sequence ${name} owned by ${text(definition['ownedBy'])};`

/** The sequence of an identity column comes and goes with it. */
const isOfIdentity = (sequence: Object_, parts: readonly Object_[]): boolean =>
  parts.some(
    ({ kind, name, definition }) =>
      kind === 'column' && name === sequence.definition['ownedBy'] && Boolean(definition['identity']),
  )

function createTable(table: Object_, parts: readonly Object_[]): string {
  const { name } = table
  const of = (kind: string): Object_[] => parts.filter((part) => part.relation === name && part.kind === kind)
  const columns = of('column').toSorted((a, b) => Number(a.cosmetic['position']) - Number(b.cosmetic['position']))
  const constraints = of('constraint').filter(({ definition }) => !['n', 'f'].includes(text(definition['type'])))
  const owned = parts.filter(
    ({ kind, definition }) => kind === 'sequence' && columns.some((column) => column.name === definition['ownedBy']),
  )
  const sequences = owned.filter((sequence) => !isOfIdentity(sequence, parts))
  const lines = [
    ...columns.map((column) => `${own(column)} ${columnClause(column)}`),
    ...constraints.map((constraint) => `constraint ${own(constraint)} ${text(constraint.definition['definition'])}`),
  ]
  const rest = [...of('index'), ...of('trigger'), ...of('rule'), ...of('statistics')]
  return [
    ...sequences.map(createSequence),
    `create table ${name} (\n  ${lines.join(',\n  ')}\n);`,
    ...sequences.map(ownSequence),
    ...rest.map(({ definition }) => `${text(definition['definition'])};`),
    ...(table.definition['rowSecurity'] ? [`alter table ${name} enable row level security;`] : []),
    ...(table.definition['forceRowSecurity'] ? [`alter table ${name} force row level security;`] : []),
    ...of('policy').map(createPolicy),
    ...[table, ...columns].map((object) => commentOn(object).trim()).filter(Boolean),
  ].join('\n')
}

const COMMANDS: Readonly<Record<string, string>> = { '*': 'all', r: 'select', a: 'insert', w: 'update', d: 'delete' }

function createPolicy(policy: Object_): string {
  const { command, permissive, roles, using, check } = policy.definition
  const to = (roles as string[]).map((role) => (role === 'PUBLIC' ? 'public' : `"${role.replaceAll('"', '""')}"`))
  const head = `create policy ${own(policy)} on ${policy.relation}${permissive ? '' : ' as restrictive'}`
  const clauses = [
    using === null ? '' : ` using (${text(using)})`,
    check === null ? '' : ` with check (${text(check)})`,
  ]
  return `${head} for ${COMMANDS[text(command)]} to ${to.join(', ')}${clauses.join('')};`
}

const simple = (keyword: string): Statements => ({
  drop: ({ name }) => `drop ${keyword} ${name};`,
  create: ({ name, definition }) => `create ${keyword} ${name} …; -- ${JSON.stringify(definition)}`,
})

const view = (keyword: string): Statements => ({
  drop: ({ name }) => `drop ${keyword} ${name};`,
  create: ({ name, definition }) => `create ${keyword} ${name} as ${text(definition['query'])}`,
})

const definedBy = (keyword: string): Statements => ({
  drop: (object) => `drop ${keyword} ${own(object)} on ${object.relation};`,
  create: ({ definition }) => `${text(definition['definition'])};`,
})

// Least dependent last: what is dropped goes in this order, what is created in the opposite one.
const statements: Readonly<Record<string, Statements>> = {
  policy: {
    ...definedBy('policy'),
    create: createPolicy,
  },
  trigger: definedBy('trigger'),
  rule: definedBy('rule'),
  view: view('view'),
  'materialized view': view('materialized view'),
  index: {
    drop: ({ name }) => `drop index ${name};`,
    create: ({ definition }) => `${text(definition['definition'])};`,
  },
  statistics: {
    drop: ({ name }) => `drop statistics ${name};`,
    create: ({ definition }) => `${text(definition['definition'])};`,
  },
  constraint: {
    drop: (object) => `alter table ${object.relation} drop constraint ${own(object)};`,
    create: (object) =>
      `alter table ${object.relation} add constraint ${own(object)} ${text(object.definition['definition'])};`,
  },
  column: {
    drop: (object) => `alter table ${object.relation} drop column ${own(object)};`,
    create: (object) =>
      `alter table ${object.relation} add column ${own(object)} ${columnClause(object)};${commentOn(object)}`,
    alter: alterColumn,
  },
  table: {
    drop: ({ name }) => `drop table ${name};`,
    create: createTable,
  },
  sequence: { drop: ({ name }) => `drop sequence ${name};`, create: createSequence },
  function: {
    drop: ({ name, definition }) => `drop ${definition['kind'] === 'p' ? 'procedure' : 'function'} ${name};`,
    create: ({ definition }) => `${text(definition['definition']).trimEnd()};`,
    alter: ({ definition }) => [`${text(definition['definition']).trimEnd()};`],
  },
  domain: {
    drop: ({ name }) => `drop domain ${name};`,
    create: ({ name, definition: d }) =>
      `create domain ${name} as ${text(d['type'])}${d['notNull'] ? ' not null' : ''};`,
  },
  enum: {
    drop: ({ name }) => `drop type ${name};`,
    create: ({ name, definition }) =>
      `create type ${name} as enum (${(definition['labels'] as string[]).map(literal).join(', ')});`,
  },
  'composite type': simple('type'),
  'range type': simple('type'),
  extension: { drop: ({ name }) => `drop extension ${name};`, create: ({ name }) => `create extension ${name};` },
  schema: { drop: ({ name }) => `drop schema ${name};`, create: ({ name }) => `create schema ${name};` },
  role: { drop: ({ name }) => `drop role ${name};`, create: ({ name }) => `create role ${name};` },
}

const order = Object.keys(statements)

/** Statements that a script lacks to get from what is there to what is expected; a comment where landfall knows none. */
export function repairStatements(
  differences: readonly CatalogDifference[],
  expected: readonly CatalogObject[],
): string[] {
  const real = differences.filter(
    ({ cosmetic, kind, expected: object, actual }) =>
      !cosmetic && !(kind === 'sequence' && actual === null && isOfIdentity(object!, expected)),
  )
  const ranked = real.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  const of = (change: CatalogDifference['change']): CatalogDifference[] => ranked.filter((d) => d.change === change)
  const missing = of('missing').toReversed()
  const [foreignKeys, others] = [missing.filter(isForeignKey), missing.filter((d) => !isForeignKey(d))]
  return [
    ...dropped(of('extra')),
    ...others.map((d) => statements[d.kind]?.create(d.expected!, expected) ?? unknown(d)),
    ...missing
      .filter(({ kind, expected: object }) => kind === 'sequence' && object!.definition['ownedBy'])
      .map((d) => ownSequence(d.expected!)),
    // What a foreign key refers to comes first, whichever way the tables refer to each other.
    ...missing.filter(({ kind }) => kind === 'table').flatMap(({ name }) => foreignKeysOf(name, expected)),
    ...foreignKeys.map((d) => statements['constraint']!.create(d.expected!, expected)),
    ...of('changed').flatMap((d) => altered(d, expected)),
  ]
}

/** Tables may refer to each other: one statement drops all of them. */
function dropped(extra: readonly CatalogDifference[]): string[] {
  const tables = extra.filter(({ kind }) => kind === 'table')
  const all = `drop table ${tables.map(({ name }) => name).join(', ')};`
  return extra.flatMap((d) =>
    d.kind !== 'table' ? [statements[d.kind]?.drop(d.actual!) ?? unknown(d)] : d === tables[0] ? [all] : [],
  )
}

const isForeignKey = ({ kind, expected }: CatalogDifference): boolean =>
  kind === 'constraint' && expected?.definition['type'] === 'f'

const foreignKeysOf = (table: string, parts: readonly Object_[]): string[] =>
  parts
    .filter(
      ({ kind, relation, definition }) => kind === 'constraint' && relation === table && definition['type'] === 'f',
    )
    .map((constraint) => statements['constraint']!.create(constraint, parts))

function altered(d: CatalogDifference, expected: readonly CatalogObject[]): string[] {
  const kind = statements[d.kind]
  const finer = kind?.alter?.(d.expected!, d.actual!)
  if (finer && finer.length > 0) return finer
  // A table is never dropped to change a property of it.
  if (!kind || kind.alter || d.kind === 'table' || d.kind === 'schema') return [unknown(d)]
  return [kind.drop(d.actual!), kind.create(d.expected!, expected)]
}

const unknown = ({ kind, name, change, fields, expected }: CatalogDifference): string =>
  `-- ${change} ${kind} ${name}${fields.length > 0 ? `: ${fields.map((field) => `${field} must be ${JSON.stringify(expected?.definition[field] ?? null)}`).join(', ')}` : ''}`
