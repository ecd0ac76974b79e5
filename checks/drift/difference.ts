import type { Location } from '../../migrations/error.ts'
import type { RuleId } from '../rules.ts'
import type { Shape } from './match.ts'
import type { Value } from './value-set.ts'

/** One place where tables and types part ways. */
export interface DriftDifference {
  readonly rule: RuleId
  readonly message: string
  /** `schema.table`, `schema.table.column`, or null when no table is meant. */
  readonly object: string | null
  /** The name of the type, or null. */
  readonly type: string | null
  /** The TypeScript line; the SQL line for a table without a type. */
  readonly location: Location | null
  /** The migration line that last defined the column, constraint or table. */
  readonly other: Location | null
  readonly fix: { readonly typescript: string | null; readonly sql: string | null }
  /** How the source is edited, where the text of the fix is not simply the property as it should stand. */
  readonly edit?: SourceEdit
  /** What tells it from others of its rule, object and type: the name of the property. */
  readonly property?: string
}

/** An edit of the source at a difference's location: of the property there, of its type's body, of the tag. */
export type SourceEdit =
  | { readonly kind: 'add property' | 'remove property' | 'remove tag' }
  | { readonly kind: 'declare'; readonly text: string }
  | { readonly kind: 'rename property'; readonly to: string }
  | { readonly kind: 'add values' | 'drop values'; readonly values: readonly Value[] }

export interface Counted {
  readonly checked: number
  readonly unchecked: number
}

/** What the comparison of one system's types and tables established: plain, JSON-able, in a fixed order. */
export interface DriftFact {
  readonly coverage: { readonly types: Counted; readonly tables: Counted; readonly columns: Counted }
  readonly pairs: readonly { readonly type: string; readonly relation: string; readonly shape: Shape }[]
  readonly differences: readonly DriftDifference[]
}

/** Where an object of the catalog (`schema.table`, `….column`, `….constraint`) was last defined, or null. */
export type OriginOf = (object: string) => Location | null

/** By file and line, then rule and object. */
export const byPlace = (a: DriftDifference, b: DriftDifference): number =>
  compareText(a.location?.file, b.location?.file) ||
  (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
  (a.location?.column ?? 0) - (b.location?.column ?? 0) ||
  compareText(a.rule, b.rule) ||
  compareText(a.object, b.object)

/** By code points, so that the order is the same on every machine; what is absent comes last. */
export function compareText(a: string | null | undefined, b: string | null | undefined): number {
  if (a == null || b == null) return Number(a == null) - Number(b == null)
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * What makes a difference the same one tomorrow, besides its rule and object: whose property it is, and of values which.
 * Not where it stands, nor the order in which a union lists them.
 */
export const identityOf = ({ type, property, edit }: DriftDifference): string[] => [
  type ?? '',
  property ?? '',
  ...(edit !== undefined && 'values' in edit ? edit.values.map((value) => JSON.stringify(value)).toSorted() : []),
]
