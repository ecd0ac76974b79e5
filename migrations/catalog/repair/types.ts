import type { CatalogObject } from '../catalog.ts'
import { named, clauses, list, literal, own, quoted, text, type Fields, type Statements } from './statements.ts'

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
export function changeLabels(e: CatalogObject, a: CatalogObject, parts: readonly CatalogObject[]): string[] {
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

/** Types that are no relations. */
export const typeStatements: Readonly<Record<string, Statements>> = {
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
}
