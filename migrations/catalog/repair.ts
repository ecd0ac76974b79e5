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
    create: ({ name, definition }) => `create policy ${name} …; -- ${JSON.stringify(definition)}`,
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
    create: (object) => `alter table ${object.relation} add column ${own(object)} ${columnClause(object)};`,
    alter: alterColumn,
  },
  table: {
    drop: ({ name }) => `drop table ${name};`,
    create: ({ name }, parts) => {
      const of = (kind: string): Object_[] => parts.filter((part) => part.relation === name && part.kind === kind)
      const columns = of('column').toSorted((a, b) => Number(a.cosmetic['position']) - Number(b.cosmetic['position']))
      const constraints = of('constraint').filter(({ definition }) => definition['type'] !== 'n')
      const lines = [
        ...columns.map((column) => `${own(column)} ${columnClause(column)}`),
        ...constraints.map(
          (constraint) => `constraint ${own(constraint)} ${text(constraint.definition['definition'])}`,
        ),
      ]
      const indexes = of('index').map(({ definition }) => `\n${text(definition['definition'])};`)
      return `create table ${name} (\n  ${lines.join(',\n  ')}\n);${indexes.join('')}`
    },
  },
  sequence: simple('sequence'),
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
  const real = differences.filter(({ cosmetic }) => !cosmetic)
  const ranked = real.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  return [
    ...ranked.filter(({ change }) => change === 'extra').map((d) => statements[d.kind]?.drop(d.actual!) ?? unknown(d)),
    ...ranked
      .filter(({ change }) => change === 'missing')
      .toReversed()
      .map((d) => statements[d.kind]?.create(d.expected!, expected) ?? unknown(d)),
    ...ranked.filter(({ change }) => change === 'changed').flatMap((d) => altered(d, expected)),
  ]
}

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
