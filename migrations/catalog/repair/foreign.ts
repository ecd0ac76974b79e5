import {
  clauses,
  foreignOptions,
  list,
  literal,
  named,
  optionsOf,
  text,
  type Fields,
  type Statements,
} from './statements.ts'

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

/** Foreign data. */
export const foreignStatements: Readonly<Record<string, Statements>> = {
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
}
