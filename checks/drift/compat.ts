import type { Relation } from '../../migrations/catalog/relations.ts'
import type { Location } from '../../migrations/error.ts'
import type { RuleId } from '../rules.ts'
import type { DomainSettings } from '../settings.ts'
import { columnFacts, type ColumnFacts } from './column-facts.ts'
import { columnObject, sqlTable } from './judge-columns.ts'
import { judgeRepresentation } from './judge-representation.ts'
import { judgeValues } from './judge-values.ts'
import { type Judgement, literal, type Meeting } from './judgement.ts'
import { matchTypes, type Pair } from './match.ts'
import { quoted } from './names.ts'
import { profileOf } from './profiles.ts'
import { columnsByProperty } from './property-columns.ts'
import { hasNull, hasUndefined, type Property, type TypeModel } from './type-model.ts'
import { loadParser } from './value-set.ts'

/** The interfaces of one side of a branch, and the tables that they were written for. */
export interface Side {
  readonly model: TypeModel
  readonly relations: readonly Relation[]
}

/** Something that breaks while old and new code run side by side. */
export interface CompatDifference {
  readonly rule: RuleId
  readonly message: string
  /** `schema.table` or `schema.table.column`. */
  readonly object: string
  readonly type: string
  readonly property: string | null
  /** The line of the type or the property, in the source of its own side. */
  readonly typescript: Location
  /** What a migration says that the break rests on: a constraint or an enum; else the object itself. */
  readonly definedBy: string
}

export interface CompatInput {
  readonly base: Side
  readonly head: Side
  readonly schema: string
  readonly settings: DomainSettings
}

/**
 * What breaks in a rolling deploy: the base's code on the new schema, and, where that breaks a table, the new code on the
 * base's schema, since then no order of deploying is safe for it. Only what would fail or be misread at run time.
 */
export async function compareCompat({ base, head, schema, settings }: CompatInput): Promise<CompatDifference[]> {
  await loadParser()
  const old = breaks(base, head.relations, schema, settings)
  const tables = new Set(old.map(({ object }) => tableOf(object)))
  const back = breaks(head, base.relations, schema, settings).filter(({ object }) => tables.has(tableOf(object)))
  const once = [...new Map(back.toReversed().map((one) => [tableOf(one.object), one])).values()].toReversed()
  return [
    ...old.map((one) => ({ ...one, message: `the code before this branch: ${one.message}` })),
    ...once.map((one): CompatDifference => ({
      ...one,
      rule: 'compat/no-safe-order',
      message: `the code of this branch on the schema before it: ${one.message}; so neither can be deployed first`,
    })),
  ]
}

const tableOf = (object: string): string => /^(?:"(?:[^"]|"")*"|[^.]*)\.(?:"(?:[^"]|"")*"|[^.]*)/.exec(object)![0]

function breaks(
  { model, relations }: Side,
  others: readonly Relation[],
  schema: string,
  settings: DomainSettings,
): CompatDifference[] {
  const { pairs } = matchTypes({ types: model.types, relations, schema, settings })
  const found = pairs.flatMap((pair): CompatDifference[] => {
    const other = others.find(({ qualified }) => qualified === pair.relation.qualified)
    if (other === undefined) {
      const message = `${pair.type.name} reads ${pair.relation.qualified}, which is not there`
      return [differenceOf(pair, null, 'compat/table-dropped', message, pair.relation.qualified)]
    }
    return [...brokenColumns(pair, other, settings), ...brokenInserts(pair, pairs, other, settings)]
  })
  // Types made from one another break together: it is said once.
  return [
    ...new Map(found.toReversed().map((one) => [`${one.rule} ${one.object} ${one.property}`, one])).values(),
  ].toReversed()
}

function brokenColumns(pair: Pair, other: Relation, settings: DomainSettings): CompatDifference[] {
  const { relation, type } = pair
  const columns = columnsByProperty(type, relation, settings.names)
  const profile = profileOf(settings.profile ?? 'postgres')
  const [before, after] = [relation, other].map(
    (each) => new Map(columnFacts([each])(each).map((one) => [one.column.name, one])),
  )
  return (type.properties ?? []).flatMap((property): CompatDifference[] => {
    const name = columns.get(property.name)
    if (name === undefined) return []
    const object = columnObject(relation, name)
    const facts = after!.get(name)
    if (facts === undefined) {
      const renamed = renamedTo(relation, other, name)
      const message = `${type.name}.${property.name} is ${object}, which ${renamed === null ? 'is not there' : `is called ${quoted(renamed)} there`}`
      return [differenceOf(pair, property, 'compat/column-dropped', message, object)]
    }
    const sql = { table: sqlTable(other), column: quoted(name) }
    const judge = (own: ColumnFacts): Judgement[] => {
      const meeting: Meeting = { pair, property, facts: own, profile, object, sql }
      const { judgements } = judgeRepresentation(meeting)
      return [
        ...judgements.filter(({ rule }) => MISREAD.has(rule)),
        ...(judgements.length > 0 ? [] : judgeValues(meeting)),
      ]
    }
    const known = judge(before!.get(name)!)
    return judge(facts).flatMap((judgement) => brokenBy(pair, property, object, judgement, known))
  })
}

const MISREAD: ReadonlySet<RuleId> = new Set([
  'drift/base-type',
  'drift/int8-or-numeric',
  'drift/date-family',
  'drift/array-shape',
  'drift/json-incompatible',
])

/** What a judgement on the other schema adds to those on the type's own. */
function brokenBy(
  pair: Pair,
  property: Property,
  object: string,
  judgement: Judgement,
  known: readonly Judgement[],
): CompatDifference[] {
  const subject = `${pair.type.name}.${property.name}`
  if (MISREAD.has(judgement.rule)) {
    return known.some(({ rule }) => MISREAD.has(rule))
      ? []
      : [differenceOf(pair, property, 'compat/type-changed', judgement.message, object)]
  }
  if (judgement.edit === undefined || !('values' in judgement.edit)) return []
  const { kind, values } = judgement.edit
  const before = new Set(
    known.flatMap(({ edit }) => (edit !== undefined && 'values' in edit && edit.kind === kind ? edit.values : [])),
  )
  const added = values.filter((value) => !before.has(value))
  if (added.length === 0) return []
  const listed = added.map(literal).join(', ')
  const by = judgement.definedBy ?? object
  return kind === 'add values'
    ? [
        differenceOf(
          pair,
          property,
          'compat/value-unknown',
          `${subject} may read ${listed} from ${object}, which it does not know`,
          object,
          by,
        ),
      ]
    : [
        differenceOf(
          pair,
          property,
          'compat/value-refused',
          `${subject} may write ${listed} to ${object}, which refuses it`,
          object,
          by,
        ),
      ]
}

/** Columns that an insert has to give, and the code does not. */
function brokenInserts(
  pair: Pair,
  pairs: readonly Pair[],
  other: Relation,
  settings: DomainSettings,
): CompatDifference[] {
  const { relation, type, shape } = pair
  const inserted = pairs.some((one) => one.relation === relation && one.shape === 'insert')
  if (shape !== 'insert' && (shape !== 'row' || inserted)) return []
  const columns = columnsByProperty(type, relation, settings.names)
  const before = new Map(columnFacts([relation])(relation).map((one) => [one.column.name, one]))
  const gone = relation.columns.filter(({ name }) => other.columns.every((column) => column.name !== name))
  const renamed = new Set(gone.map(({ name }) => renamedTo(relation, other, name)))
  return columnFacts([other])(other).flatMap((facts): CompatDifference[] => {
    const { name } = facts.column
    const was = before.get(name)
    if (renamed.has(name) || !isRequired(facts) || (was !== undefined && isRequired(was))) return []
    const property = type.properties?.find((one) => columns.get(one.name) === name) ?? null
    if (property !== null && !property.optional && !hasNull(property.type) && !hasUndefined(property.type)) return []
    const object = columnObject(other, name)
    const gives = property === null ? 'does not know' : 'may leave out'
    const message = `an insert of ${type.name} fails: it ${gives} ${object}, which is not null and has no default`
    return [differenceOf(pair, property, 'compat/insert-misses-column', message, object)]
  })
}

const isRequired = ({ column, nullable }: ColumnFacts): boolean =>
  nullable === false && column.default === null && column.identity === '' && column.generated === ''

/** A column of the same type that only the other schema has, when there is one. */
function renamedTo(own: Relation, other: Relation, name: string): string | null {
  const type = own.columns.find((column) => column.name === name)?.type
  const fresh = other.columns.filter(
    (column) => column.type === type && own.columns.every((one) => one.name !== column.name),
  )
  return fresh.length === 1 ? fresh[0]!.name : null
}

const differenceOf = (
  { type }: Pair,
  property: Property | null,
  rule: RuleId,
  message: string,
  object: string,
  definedBy = object,
): CompatDifference => ({
  rule,
  message,
  object,
  type: type.name,
  property: property?.name ?? null,
  typescript: property?.location ?? type.location,
  definedBy,
})
