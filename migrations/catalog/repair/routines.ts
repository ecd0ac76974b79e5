import { clauses, literal, named, text, type Statements } from './statements.ts'

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

/** Code, and the casts that call it. */
export const routineStatements: Readonly<Record<string, Statements>> = {
  function: routine('function'),
  'window function': routine('function'),
  procedure: routine('procedure'),
  aggregate,
  cast: named(
    'cast',
    (d) =>
      `${d['function'] ? `with function ${text(d['function'])}` : METHOD[text(d['method'])]}${CONTEXT[text(d['context'])]}`,
  ),
  conversion: {
    ...named('conversion', () => ''),
    create: ({ name, definition: d }) => [
      `create ${d['default'] ? 'default ' : ''}conversion ${name} for ${literal(d['from'])} to ${literal(d['to'])} from ${text(d['function'])};`,
    ],
  },
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
}
