import type { Relation } from '../../migrations/catalog/relations.ts'
import { LandfallError } from '../../migrations/error.ts'
import type { DomainSettings } from '../settings.ts'
import { columnFacts, type ColumnFacts } from './column-facts.ts'
import { byPlace, compareText, type DriftDifference, type DriftFact, type OriginOf } from './difference.ts'
import { applyIgnores } from './ignores.ts'
import { judgeBrands } from './judge-brands.ts'
import { columnObject, type Comparison, judgeColumns, judgeNames, sqlTable } from './judge-columns.ts'
import { judgeNullability } from './judge-nullability.ts'
import { judgeRepresentation } from './judge-representation.ts'
import { judgeTables, tablesInScope } from './judge-tables.ts'
import { judgeValues } from './judge-values.ts'
import type { Meeting } from './judgement.ts'
import { type Matching, matchTypes, type Pair } from './match.ts'
import { columnsByProperty } from './property-columns.ts'
import { quoted } from './names.ts'
import { profileOf } from './profiles.ts'
import type { DeclaredType, Property, TypeModel } from './type-model.ts'
import { loadParser } from './value-set.ts'

export interface DriftInput {
  readonly model: TypeModel
  readonly relations: readonly Relation[]
  /** The system's schema. */
  readonly schema: string
  readonly settings: DomainSettings
  readonly originOf: OriginOf
}

/**
 * Holds the domain's types against the tables. No input or output but its arguments; equal arguments give an equal fact.
 * Throws `LandfallError` (usage) when there is nothing to compare: no types, no tables, or none that belong together.
 */
export async function compareDrift(input: DriftInput): Promise<DriftFact> {
  await loadParser()
  const { model, relations, schema, settings, originOf } = input
  const matching = matchTypes({ types: model.types, relations, schema, settings })
  refuseNothing(input, matching)
  const profile = profileOf(settings.profile ?? 'postgres')
  const factsOf = columnFacts(relations)
  const tied = new Set(matching.pairs.map(({ type }) => type.name))
  const owners = ownersOf(model.types)
  const firstNames = matching.pairs.filter((pair) => !isSecondName(pair, matching.pairs))
  const comparisons = firstNames.map((pair): Comparison => ({
    pair,
    facts: factsOf(pair.relation),
    names: settings.names,
    profile,
    originOf,
    tied,
  }))
  const meetings = comparisons.map((comparison) => compareColumns(comparison, matching.pairs, owners))
  const named = [...new Map(comparisons.map((comparison) => [comparison.pair.relation, comparison])).values()]
  const differences = [
    ...judgeTables({ model, relations, schema, settings, matching, originOf }),
    ...comparisons.flatMap(judgeColumns),
    ...named.flatMap(judgeNames),
    ...meetings.flatMap(({ differences: found }) => found),
    ...(settings.ids === 'brand' ? judgeBrands(comparisons) : []),
  ]
  return {
    coverage: coverage(input, matching, new Set(meetings.flatMap(({ checked }) => checked))),
    pairs: matching.pairs
      .map(({ type, relation, shape }) => ({ type: type.name, relation: relation.qualified, shape }))
      .toSorted((a, b) => compareText(a.relation, b.relation) || compareText(a.type, b.type)),
    differences: applyIgnores(model, differences).toSorted(byPlace),
  }
}

/** What could not be made out was not compared: no verdict, however the rest looks. Null when all was. */
export function unresolvedIn({ differences }: DriftFact): LandfallError | null {
  const found = differences.filter(({ rule }) => rule === 'drift/unresolved-type')
  const [first] = found
  if (first === undefined) return null
  const place = first.location === null ? '' : `${first.location.file}:${first.location.line}: `
  const more = found.length > 1 ? `, and ${found.length - 1} more` : ''
  return new LandfallError('usage', 'drift-unresolved', `drift: ${place}${first.message}${more}`, {
    next: 'correct the name or the import of the type',
    ...(first.location === null ? {} : { location: first.location }),
  })
}

function refuseNothing({ model, relations, schema, settings }: DriftInput, matching: Matching): void {
  const files = model.files.join(', ')
  const nothing = (code: string, message: string, next: string): LandfallError =>
    new LandfallError('usage', code, `drift: ${message}`, { next })
  if (!model.types.some(({ exported, tags }) => exported || tags.length > 0)) {
    throw nothing('drift-no-types', `${files} exports no type`, 'export the interfaces that stand for tables')
  }
  if (!relations.some((relation) => relation.schema === schema)) {
    throw nothing(
      'drift-no-tables',
      `the migrations make no table in schema ${schema}, but ${files} declares types`,
      'check migrations.dir and migrations.schema in landfall.config.ts',
    )
  }
  if (matching.pairs.length > 0) return
  const tables = tablesInScope({ relations, schema, settings })
  const names = tables.slice(0, 5).map(({ name }) => name)
  throw nothing(
    'drift-nothing-compared',
    `no type of ${files} stands for a table of schema ${schema} (${names.join(', ')}${tables.length > 5 ? ', …' : ''})${hint(matching)}`,
    'name the types after the tables, or tie them: /** @landfall-table name */, or domain.types in landfall.config.ts',
  )
}

/** What stands in the way, when a tie was tried. */
function hint({ dead, ambiguous }: Matching): string {
  const [nothing, question] = [dead[0], ambiguous[0]]
  if (nothing !== undefined) return `; there is no ${nothing.what} ${JSON.stringify(nothing.name)}`
  return question === undefined ? '' : `; ${question.type.name} only shares the name of ${question.candidates[0]!.name}`
}

/** The type that wrote a property down, by its place: types made from it only repeat it. */
function ownersOf(types: readonly DeclaredType[]): ReadonlyMap<string, DeclaredType> {
  const owners = new Map<string, DeclaredType>()
  const firstHand = types.toSorted((a, b) => a.derived.length - b.derived.length)
  for (const type of firstHand) {
    for (const property of type.properties ?? []) {
      const place = placeOf(property)
      if (!owners.has(place)) owners.set(place, type)
    }
  }
  return owners
}

/** `type TaskRow = Task`: what is wrong with it is said of Task. */
const isSecondName = ({ type, relation }: Pair, pairs: readonly Pair[]): boolean =>
  type.derived.some(
    ({ from, by }) => by === 'alias' && pairs.some((pair) => pair.type.name === from && pair.relation === relation),
  )

const placeOf = ({ location }: Property): string => `${location.file}:${location.line}:${location.column}`

interface Compared {
  readonly differences: readonly DriftDifference[]
  /** `schema.table.column` of the columns that were really compared. */
  readonly checked: readonly string[]
}

function compareColumns(
  { pair, facts, names, profile, originOf }: Comparison,
  pairs: readonly Pair[],
  owners: ReadonlyMap<string, DeclaredType>,
): Compared {
  const columns = columnsByProperty(pair.type, pair.relation, names)
  const factsByColumn = new Map(facts.map((one) => [one.column.name, one]))
  const differences: DriftDifference[] = []
  const checked: string[] = []
  for (const property of pair.type.properties ?? []) {
    const column: ColumnFacts | undefined = factsByColumn.get(columns.get(property.name) ?? '')
    if (column === undefined) continue
    const object = columnObject(pair.relation, column.column.name)
    const sql = { table: sqlTable(pair.relation), column: quoted(column.column.name) }
    const meeting: Meeting = { pair, property, facts: column, profile, object, sql }
    const { judgements, checked: isChecked } = judgeRepresentation(meeting)
    if (isChecked) checked.push(object)
    const owner = owners.get(placeOf(property))
    const repeated =
      owner !== pair.type && pairs.some(({ type, relation }) => type === owner && relation === pair.relation)
    const all = [
      // What a type only repeats is said once, of the type that wrote it.
      ...(repeated ? [] : judgements),
      ...(repeated && !isWrittenShape(pair) ? [] : judgeNullability(meeting)),
      ...(judgements.length > 0 || (repeated && !isWrittenShape(pair)) ? [] : judgeValues(meeting)),
    ]
    for (const { rule, message, fix, definedBy, edit } of all) {
      const said = definedBy === undefined ? null : originOf(definedBy)
      const other = said ?? originOf(object) ?? originOf(pair.relation.qualified)
      const location = owner === pair.type ? property.location : pair.type.location
      const of = { property: property.name, ...(edit === undefined ? {} : { edit }) }
      differences.push({ rule, message, object, type: pair.type.name, location, other, fix, ...of })
    }
  }
  return { differences, checked }
}

const isWrittenShape = ({ shape }: Pair): boolean => shape === 'insert' || shape === 'update'

function coverage(input: DriftInput, matching: Matching, checked: ReadonlySet<string>): DriftFact['coverage'] {
  const tables = tablesInScope(input)
  const tied = new Set(matching.pairs.map(({ relation }) => relation))
  const typesChecked = new Set(matching.pairs.map(({ type }) => type))
  const columns = [...new Set([...tied, ...tables])].flatMap((relation) =>
    relation.columns.map(({ name }) => columnObject(relation, name)),
  )
  return {
    types: { checked: typesChecked.size, unchecked: matching.unmatched.length + matching.ambiguous.length },
    tables: { checked: tied.size, unchecked: tables.filter((relation) => !tied.has(relation)).length },
    columns: { checked: checked.size, unchecked: columns.filter((object) => !checked.has(object)).length },
  }
}
