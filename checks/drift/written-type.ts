import type { Arrival } from './profiles.ts'
import type { DeclaredType } from './type-model.ts'

/** How a type is written down, in an interface or in a zod schema: what fixes are made of. */
interface Notation {
  readonly arrival: (arrival: Arrival) => string
  readonly withNull: (text: string) => string
  readonly withoutNull: (text: string) => string
  readonly optional: (name: string, text: string) => string
}

const ZOD: Readonly<Record<string, string>> = {
  string: 'z.string()',
  number: 'z.number()',
  boolean: 'z.boolean()',
  bigint: 'z.bigint()',
  Date: 'z.date()',
  json: 'z.unknown()',
  any: 'z.unknown()',
}

const zod: Notation = {
  arrival: ({ element, array }) => {
    const one = ZOD[element] ?? `z.instanceof(${element})`
    return array ? `z.array(${one})` : one
  },
  withNull: (text) => `${text}.nullable()`,
  withoutNull: (text) => text.replaceAll(/\.(?:nullable|nullish|optional)\(\)/g, ''),
  optional: (name, text) => `${name}: ${text}.optional()`,
}

const typescript: Notation = {
  arrival: ({ element, array }) =>
    `${element === 'json' || element === 'any' ? 'unknown' : element}${array ? '[]' : ''}`,
  withNull: (text) => (/[&?]|=>/.test(text) ? `(${text}) | null` : `${text} | null`),
  withoutNull: (text) => text.replaceAll(/\s*\|\s*(?:null|undefined)\b|\b(?:null|undefined)\s*\|\s*/g, ''),
  optional: (name, text) => `${name}?: ${text}`,
}

/** The notation of a type's own source. */
export const notationOf = ({ kind }: Pick<DeclaredType, 'kind'>): Notation => (kind === 'zod' ? zod : typescript)
