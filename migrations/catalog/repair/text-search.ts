import { clauses, list, named, text, type Fields, type Statements } from './statements.ts'

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

/** Text search. */
export const textSearchStatements: Readonly<Record<string, Statements>> = {
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
}
