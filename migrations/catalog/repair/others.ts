import { clauses, list, literal, named, text, type Fields, type Statements } from './statements.ts'

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

/** What stands alone. */
export const otherStatements: Readonly<Record<string, Statements>> = {
  schema: {
    address: ({ name }) => `schema ${name}`,
    grants: ({ name }) => `schema ${name}`,
    create: ({ name }) => [`create schema ${name};`],
    keep: true,
  },
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
  collation: named('collation', collationClause),
  'event trigger': eventTrigger,
}
