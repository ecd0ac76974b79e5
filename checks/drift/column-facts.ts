import type { Column, Constraint, Relation } from '../../migrations/catalog/relations.ts'
import { type Restriction, type Value, restrictionsOf } from './value-set.ts'

/** What a value list rests on. */
export interface AllowedValues {
  readonly values: readonly Value[]
  readonly source: 'enum' | 'check'
  /** The constraint that says so, else null (the enum). */
  readonly constraint: string | null
  /** False when other conditions restrict the column further, in a way that is not understood. */
  readonly exact: boolean
}

/** What the whole table says about one column. */
export interface ColumnFacts {
  readonly column: Column
  /** Null: not known (a view's columns). */
  readonly nullable: boolean | null
  readonly primaryKey: boolean
  readonly foreignKey: boolean
  /** True when a foreign key, a domain, a condition that is NOT VALID or one that is not understood may hold its values. */
  readonly restrictedElsewhere: boolean
  /** What reads may return; null when nothing lists it. */
  readonly reads: AllowedValues | null
  /** What writes may hold: as `reads`, with constraints that are NOT VALID. */
  readonly writes: AllowedValues | null
}

/** Gathers the facts of a relation's columns; the SQL parser must be loaded. */
export function columnFacts(relation: Relation): ColumnFacts[] {
  const checks = relation.constraints
    .filter(({ type }) => type === 'c')
    .map((constraint) => ({ constraint, restrictions: restrictionsOf(constraint.definition) }))
  return relation.columns.map((column) => {
    const own = checks.flatMap(({ constraint, restrictions }) =>
      (restrictions.get(column.name) ?? []).map((restriction) => ({ constraint, restriction })),
    )
    const valid = own.filter(({ constraint }) => constraint.validated)
    const inKey = (type: string): boolean =>
      relation.constraints.some((constraint) => constraint.type === type && constraint.columns.includes(column.name))
    const notNull = column.notNull || valid.some(({ restriction }) => restriction.kind === 'not-null')
    return {
      column,
      nullable: isStored(relation) ? !notNull : null,
      primaryKey: inKey('p'),
      foreignKey: inKey('f'),
      restrictedElsewhere:
        inKey('f') ||
        column.domain !== null ||
        own.some(({ constraint }) => !constraint.validated) ||
        own.some(({ restriction }) => restriction.kind === 'unknown') ||
        checks.some(({ constraint: { columns } }) => columns.length > 1 && columns.includes(column.name)),
      reads: allowed(column, valid),
      writes: allowed(column, own),
    }
  })
}

/** A table whose rows are its own; what a view returns is not known by its columns alone. */
export const isStored = ({ kind }: Relation): boolean => kind === 'table' || kind === 'foreign table'

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])

/** A list is only understood when its constants are of the column's own kind: no number compared as text. */
function suits(column: Column, values: readonly Value[]): boolean {
  const kind = column.baseType === 'bool' ? 'boolean' : INTEGERS.has(column.baseType) ? 'number' : 'string'
  return values.every((value) => typeof value === kind)
}

interface Said {
  readonly constraint: Constraint
  readonly restriction: Restriction
}

function allowed(column: Column, said: readonly Said[]): AllowedValues | null {
  const of = column.array ? 'elements' : 'column'
  // citext compares without case: its lists hold more than they say.
  const lists =
    column.baseType === 'citext'
      ? []
      : said.flatMap(({ constraint, restriction }) =>
          restriction.kind === 'values' && restriction.of === of && suits(column, restriction.values)
            ? [{ constraint, values: restriction.values }]
            : [],
        )
  const sets = [...(column.enumLabels === null ? [] : [column.enumLabels]), ...lists.map(({ values }) => values)]
  if (sets.length === 0) return null
  const [first, ...others] = sets as readonly (readonly Value[])[]
  return {
    values: first!.filter((value) => others.every((set) => set.includes(value))),
    source: lists.length === 0 ? 'enum' : 'check',
    constraint: lists[0]?.constraint.name ?? null,
    exact:
      column.domain === null
        ? !said.some(({ restriction }) => restriction.kind === 'unknown')
        : column.enumLabels !== null,
  }
}
