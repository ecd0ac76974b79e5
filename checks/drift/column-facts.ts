import type { Column, DomainCheck, Relation } from '../../migrations/catalog/relations.ts'
import { type Restriction, type Value, restrictionsOf } from './value-set.ts'
import { viewNullability } from './view-lineage.ts'

/** What a value list rests on. */
export interface AllowedValues {
  readonly values: readonly Value[]
  readonly source: 'enum' | 'check' | 'domain'
  /** The constraint that says so, else null (the enum). */
  readonly constraint: string | null
  /** `schema.name` of the domain whose constraint it is, else null. */
  readonly domain: string | null
  /** False when other conditions restrict the column further, in a way that is not understood. */
  readonly exact: boolean
}

/** What the whole table says about one column. */
export interface ColumnFacts {
  readonly column: Column
  /** Null: not known (an expression of a view). */
  readonly nullable: boolean | null
  readonly primaryKey: boolean
  readonly foreignKey: boolean
  /** True when a foreign key, a condition that is NOT VALID or one that is not understood may hold its values. */
  readonly restrictedElsewhere: boolean
  /** What reads may return; null when nothing lists it. */
  readonly reads: AllowedValues | null
  /** What writes may hold: as `reads`, with constraints that are NOT VALID. */
  readonly writes: AllowedValues | null
}

/** Gathers the facts of relations' columns, of views as far as their queries tell; the SQL parser must be loaded. */
export function columnFacts(relations: readonly Relation[]): (relation: Relation) => readonly ColumnFacts[] {
  const byName = new Map(relations.map((relation) => [relation.qualified, relation]))
  const known = new Map<Relation, readonly ColumnFacts[]>()
  const factsOf = (relation: Relation): readonly ColumnFacts[] => {
    const facts = known.get(relation) ?? (isStored(relation) ? storedFacts(relation) : viewFacts(relation))
    known.set(relation, facts)
    return facts
  }
  const viewFacts = (view: Relation): readonly ColumnFacts[] => {
    const nullable = viewNullability(view, (name, column) => {
      const made = byName.get(name)
      return (made && factsOf(made).find((one) => one.column.name === column)?.nullable) ?? null
    })
    return storedFacts(view).map((facts, index) => ({ ...facts, nullable: nullable[index] ?? null }))
  }
  return factsOf
}

function storedFacts(relation: Relation): readonly ColumnFacts[] {
  const checks = relation.constraints
    .filter(({ type }) => type === 'c')
    .map((constraint) => ({ constraint, restrictions: restrictionsOf(constraint.definition) }))
  return relation.columns.map((column) => {
    const own: Said[] = checks.flatMap(({ constraint: { name, validated }, restrictions }) =>
      (restrictions.get(column.name) ?? []).map((restriction) => ({ name, validated, domain: null, restriction })),
    )
    const all = [...own, ...column.domainChecks.flatMap(saidByDomain)]
    const valid = all.filter(({ validated }) => validated)
    const inKey = (type: string): boolean =>
      relation.constraints.some((constraint) => constraint.type === type && constraint.columns.includes(column.name))
    // NOT NULL that is NOT VALID refuses null from now on; what was there before it may still be null.
    const promised = relation.constraints.some(
      ({ type, validated, columns }) => type === 'n' && !validated && columns.includes(column.name),
    )
    const notNull = (column.notNull && !promised) || valid.some(({ restriction }) => restriction.kind === 'not-null')
    return {
      column,
      nullable: !notNull,
      primaryKey: inKey('p'),
      foreignKey: inKey('f'),
      restrictedElsewhere:
        inKey('f') ||
        all.some(({ validated, restriction }) => !validated || restriction.kind === 'unknown') ||
        checks.some(({ constraint: { columns } }) => columns.length > 1 && columns.includes(column.name)),
      reads: allowed(column, valid),
      writes: allowed(column, all),
    }
  })
}

/** What a domain says of its values, as said of the column; of an array's elements only what lists them. */
const saidByDomain = ({ domain, name, definition, validated, ofElements }: DomainCheck): Said[] =>
  (restrictionsOf(definition).get('value') ?? []).map((restriction): Said => {
    const said = { name, validated, domain }
    if (!ofElements) return { ...said, restriction }
    const { kind } = restriction
    return { ...said, restriction: kind === 'values' ? { ...restriction, of: 'elements' } : { kind: 'unknown' } }
  })

/** A table whose rows are its own; what a view returns is not known by its columns alone. */
export const isStored = ({ kind }: Relation): boolean => kind === 'table' || kind === 'foreign table'

const INTEGERS: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])

/** A list is only understood when its constants are of the column's own kind: no number compared as text. */
function suits(column: Column, values: readonly Value[]): boolean {
  const kind = column.baseType === 'bool' ? 'boolean' : INTEGERS.has(column.baseType) ? 'number' : 'string'
  return values.every((value) => typeof value === kind)
}

interface Said {
  /** The name of the constraint. */
  readonly name: string
  readonly validated: boolean
  /** The domain whose constraint it is, else null. */
  readonly domain: string | null
  readonly restriction: Restriction
}

function allowed(column: Column, said: readonly Said[]): AllowedValues | null {
  const of = column.array ? 'elements' : 'column'
  // citext compares without case: its lists hold more than they say.
  const lists =
    column.baseType === 'citext'
      ? []
      : said.flatMap(({ name, domain, restriction }) =>
          restriction.kind === 'values' && restriction.of === of && suits(column, restriction.values)
            ? [{ name, domain, values: restriction.values }]
            : [],
        )
  const sets = [...(column.enumLabels === null ? [] : [column.enumLabels]), ...lists.map(({ values }) => values)]
  if (sets.length === 0) return null
  const [first, ...others] = sets as readonly (readonly Value[])[]
  return {
    values: first!.filter((value) => others.every((set) => set.includes(value))),
    source: lists[0] === undefined ? 'enum' : lists[0].domain === null ? 'check' : 'domain',
    constraint: lists[0]?.name ?? null,
    domain: lists[0]?.domain ?? null,
    exact: !said.some(({ restriction }) => restriction.kind === 'unknown'),
  }
}
