import type { Json } from '../catalog.ts'
import { clauses, named, text, type Fields, type Statements } from './statements.ts'

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

/** Operators and what indexes know of them. */
export const operatorStatements: Readonly<Record<string, Statements>> = {
  operator,
  'operator class': operatorClass,
  'operator family': operatorFamily,
  'access method': named(
    'access method',
    (d) => `type ${d['type'] === 't' ? 'table' : 'index'} handler ${text(d['handler'])}`,
  ),
}
