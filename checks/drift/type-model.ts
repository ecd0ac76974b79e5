import type { Location } from '../../migrations/error.ts'

/**
 * A TypeScript type by its structure, never by its text. `named` is a class or interface that stands outside the
 * domain (`Date`, `Buffer`, `Map`, a library's `Decimal`); `brand` is an intersection with exactly one primitive or
 * named part; `recursive` is where a type contains itself; `unresolved` is what the compiler could not make out.
 */
export type TsType =
  | { readonly kind: 'primitive'; readonly name: 'string' | 'number' | 'boolean' | 'bigint' | 'symbol' }
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'template'; readonly text: string }
  | { readonly kind: 'null' | 'undefined' | 'any' | 'unknown' | 'never' | 'function' }
  | { readonly kind: 'union'; readonly of: readonly TsType[] }
  | { readonly kind: 'array'; readonly of: TsType }
  | { readonly kind: 'tuple'; readonly of: readonly TsType[] }
  | {
      readonly kind: 'object'
      /** The name of its interface, alias or class, else null. */
      readonly name: string | null
      readonly properties: readonly Member[]
      /** The value type of an index signature, else null. */
      readonly index: TsType | null
    }
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'brand'; readonly of: TsType; readonly text: string }
  | { readonly kind: 'recursive'; readonly name: string }
  | { readonly kind: 'unresolved'; readonly text: string }

/** A property of an object type inside a property. */
export interface Member {
  readonly name: string
  readonly optional: boolean
  readonly type: TsType
}

/** `@landfall-table tasks`, `@landfall-column created_at`, `@landfall-ignore drift/too-wide <reason>`. */
export interface Tag {
  readonly name: string
  /** What follows the tag on its line, trimmed. */
  readonly argument: string
  readonly location: Location
}

/** A property of a declared type: a candidate for a column. */
export interface Property extends Member {
  /** The type as written, for fixes: `Date`. */
  readonly text: string
  /** What a zod converter (`coerce`, `transform`, `default`) makes of it, when that is another type; else null. */
  readonly output: TsType | null
  /** True when only some arms of a union of objects have it. */
  readonly someArms: boolean
  /** True for a getter: it may stand for a column, or be computed from others. */
  readonly computed: boolean
  readonly tags: readonly Tag[]
  readonly location: Location
}

/** How a type is made from another: `Omit<Task, 'id'>` is derived from `Task` by `omit`. */
export interface Derivation {
  readonly from: string
  readonly by: 'extends' | 'intersection' | 'pick' | 'omit' | 'partial' | 'required' | 'alias'
}

/** A type that may stand for a table. */
export interface DeclaredType {
  readonly name: string
  readonly kind: 'interface' | 'alias' | 'class' | 'zod'
  readonly exported: boolean
  /** True when it has type parameters: such a type is a tool, never a table. */
  readonly generic: boolean
  /** The zod schema that it is inferred from, by the name of its constant; else null. */
  readonly schema: string | null
  readonly tags: readonly Tag[]
  readonly location: Location
  /** Public data; null when the type is no object: a union of literals, a function, an array. */
  readonly properties: readonly Property[] | null
  /** How many methods it has, and properties that are functions. */
  readonly methods: number
  readonly derived: readonly Derivation[]
  /** Names of the types that its properties refer to. */
  readonly mentions: readonly string[]
}

/** What the domain files declare: plain, JSON-able, and free of the compiler that read them. */
export interface TypeModel {
  /** The entry files, relative to the config file. */
  readonly files: readonly string[]
  /** In order of file and line. */
  readonly types: readonly DeclaredType[]
  /** `@landfall-…` comments that belong to no type and no property, or say something unknown. */
  readonly strayTags: readonly Tag[]
}

const NULL = 'null'
const UNDEFINED = 'undefined'

/** The arms of a union, or the type itself. */
export const armsOf = (type: TsType): readonly TsType[] => (type.kind === 'union' ? type.of : [type])

export const hasNull = (type: TsType): boolean => armsOf(type).some(({ kind }) => kind === NULL)
export const hasUndefined = (type: TsType): boolean => armsOf(type).some(({ kind }) => kind === UNDEFINED)

/** The arms that carry a value: without null and undefined. */
export const valueArms = (type: TsType): readonly TsType[] =>
  armsOf(type).filter(({ kind }) => kind !== NULL && kind !== UNDEFINED)

/** A union of arms, flattened, without repetition; `true | false` is `boolean`. */
export function unionOf(arms: readonly TsType[]): TsType {
  const byText = new Map(arms.flatMap(armsOf).map((arm) => [JSON.stringify(arm), arm]))
  const [yes, no] = [true, false].map((value) => JSON.stringify({ kind: 'literal', value }))
  if (byText.has(yes!) && byText.has(no!)) {
    byText.delete(yes!)
    byText.delete(no!)
    byText.set('boolean', { kind: 'primitive', name: 'boolean' })
  }
  const of = [...byText.values()]
  return of.length === 1 ? of[0]! : { kind: 'union', of }
}
