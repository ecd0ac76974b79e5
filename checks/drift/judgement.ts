import type { RuleId } from '../rules.ts'
import type { ColumnFacts } from './column-facts.ts'
import type { SourceEdit } from './difference.ts'
import type { Pair } from './match.ts'
import type { Profile } from './profiles.ts'
import { notationOf } from './written-type.ts'
import { hasNull, type Property, type TsType, valueArms } from './type-model.ts'

/** A property and the column that it stands for. */
export interface Meeting {
  readonly pair: Pair
  readonly property: Property
  readonly facts: ColumnFacts
  readonly profile: Profile
  /** `schema.table.column`, as the catalog writes it. */
  readonly object: string
  /** `"table"` and `"column"` quoted for fixes. */
  readonly sql: { readonly table: string; readonly column: string }
}

/** One thing wrong between a property and its column. */
export interface Judgement {
  readonly rule: RuleId
  readonly message: string
  readonly fix: { readonly typescript: string | null; readonly sql: string | null }
  /** The object that the judgement rests on, when it is not the column itself: a constraint, an enum. */
  readonly definedBy?: string
  /** See `DriftDifference`. */
  readonly edit?: SourceEdit
}

/** What is said of a meeting, and whether its column counts as checked. */
export interface Outcome {
  readonly judgements: readonly Judgement[]
  readonly checked: boolean
}

/** `Order.shippedAt`, as messages speak of a property. */
export const subjectOf = ({ pair, property }: Meeting): string => `${pair.type.name}.${property.name}`

/** `public.orders.shipped_at (timestamp with time zone)`. */
export const columnOf = ({ object, facts }: Meeting): string => `${object} (${facts.column.type})`

/** A property as the fix would write it. */
export const declaration = ({ pair, property }: Meeting, type: string, optional = false): string =>
  optional ? notationOf(pair.type).optional(property.name, type) : `${property.name}: ${type}`

/** True for what is written to the table, not read from it. */
export const isWritten = ({ pair }: Meeting): boolean => pair.shape === 'insert' || pair.shape === 'update'

/** A type as people write it, short enough for one line. */
export function shown(type: TsType): string {
  return SHOWN[type.kind](type as never)
}

const SHOWN: { readonly [Kind in TsType['kind']]: (type: Extract<TsType, { kind: Kind }>) => string } = {
  primitive: ({ name }) => name,
  literal: ({ value }) => literal(value),
  template: ({ text }) => text,
  null: () => 'null',
  undefined: () => 'undefined',
  any: () => 'any',
  unknown: () => 'unknown',
  never: () => 'never',
  function: () => 'a function',
  union: (type) => [...valueArms(type).map(shown), ...(hasNull(type) ? ['null'] : [])].join(' | '),
  array: ({ of }) => (of.kind === 'union' ? `(${shown(of)})[]` : `${shown(of)}[]`),
  tuple: ({ of }) => `[${of.map(shown).join(', ')}]`,
  object: ({ name }) => name ?? 'an object',
  named: ({ name }) => name,
  brand: ({ text }) => text,
  recursive: ({ name }) => name,
  unresolved: ({ text }) => text,
}

/** A constant as TypeScript writes it. */
export const literal = (value: string | number | boolean): string =>
  typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : String(value)

/** A constant as SQL writes it. */
export const sqlLiteral = (value: string | number | boolean): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
