import type { Column, Relation } from '../../migrations/catalog/relations.ts'
import type { DomainSettings } from '../settings.ts'
import type { ColumnFacts } from './column-facts.ts'
import type { DriftDifference, OriginOf } from './difference.ts'
import { isCommand, type Pair } from './match.ts'
import { columnFor } from './new-column.ts'
import { columnTag, columnsByProperty } from './property-columns.ts'
import { columnName, declaredName, propertyName, quoted, returns } from './names.ts'
import type { Profile } from './profiles.ts'
import { notationOf } from './written-type.ts'
import { type DeclaredType, type Property, type TsType, valueArms } from './type-model.ts'

/** A pair with what is needed to name its columns. */
export interface Comparison {
  readonly pair: Pair
  readonly facts: readonly ColumnFacts[]
  readonly names: DomainSettings['names']
  readonly profile: Profile
  readonly originOf: OriginOf
  /** Names of the types that stand for a table: a property of such a type is a relation, not a column. */
  readonly tied: ReadonlySet<string>
}

/** `schema.table.column` as the catalog writes it. */
export const columnObject = (relation: Relation, column: string): string => `${relation.qualified}.${quoted(column)}`

/** Columns without a property, and properties without a column. */
export function judgeColumns(comparison: Comparison): DriftDifference[] {
  const { pair, facts, names } = comparison
  const columns = columnsByProperty(pair.type, pair.relation, names)
  const met = new Set(columns.values())
  const absent = facts.filter(({ column }) => !met.has(column.name))
  const extra = extraProperties(comparison, columns)
  const rename =
    extra.length === 1 && absent.length === 1 ? { from: extra[0]!.name, column: absent[0]!.column.name } : null
  return [
    ...absent.flatMap((one) => [...missing(comparison, one, rename?.from ?? null), ...requiredAbsent(comparison, one)]),
    ...extra.map((property) => extraProperty(comparison, property, rename?.column ?? null)),
  ]
}

function missing(comparison: Comparison, { column }: ColumnFacts, renamed: string | null): DriftDifference[] {
  const { pair, originOf, profile } = comparison
  const { type, relation, shape } = pair
  // A generated tsvector is an index in the shape of a column: nobody reads it.
  if (shape !== 'row' || (column.baseType === 'tsvector' && column.generated !== '')) return []
  const object = columnObject(relation, column.name)
  const name = propertyFor(comparison, column.name)
  const notation = notationOf(type)
  const arrives = notation.arrival(profile.arrival(column))
  const text = column.notNull ? arrives : notation.withNull(arrives)
  return [
    {
      rule: 'drift/missing-property',
      message: `${type.name} has no property for ${object} (${column.type})`,
      object,
      type: type.name,
      location: type.location,
      other: originOf(object) ?? originOf(relation.qualified),
      fix: {
        typescript: renamed === null ? `${declaredName(name)}: ${text}` : `rename ${renamed} to ${name}`,
        sql: `alter table ${sqlTable(relation)} drop column ${quoted(column.name)};`,
      },
      ...(renamed === null ? { edit: { kind: 'add property' } } : {}),
    },
  ]
}

/** The property that a column asks for: as the driver names it, unless the type spells columns as they are. */
const propertyFor = ({ pair, names }: Comparison, column: string): string =>
  (spellsColumns(pair.type, pair.relation) ? null : propertyName(column, names)) ?? column

function extraProperties({ pair, tied }: Comparison, columns: ReadonlyMap<string, string>): Property[] {
  if (pair.shape === 'join' || isCommand(pair)) return []
  return (pair.type.properties ?? []).filter(
    (property) =>
      !columns.has(property.name) && !property.computed && !property.someArms && !isRelation(property.type, tied),
  )
}

/** `files: ProjectFile[]`, where ProjectFile has a table of its own. */
function isRelation(type: TsType, tied: ReadonlySet<string>): boolean {
  const arms = valueArms(type)
  return (
    arms.length > 0 &&
    arms.every((arm) =>
      arm.kind === 'array'
        ? isRelation(arm.of, tied)
        : arm.kind === 'object' && arm.name !== null && tied.has(arm.name),
    )
  )
}

function extraProperty(comparison: Comparison, property: Property, renamed: string | null): DriftDifference {
  const { pair, originOf, names, profile } = comparison
  const { type, relation } = pair
  const tag = columnTag(property)
  const what = tag === undefined ? 'no column of' : `no column ${JSON.stringify(tag)} in`
  const to = renamed === null ? null : propertyFor(comparison, renamed)
  const column = spellsColumns(type, relation) ? property.name : columnName(property.name, names)
  const added = columnFor(property, tag ?? column, profile)
  return {
    rule: 'drift/extra-property',
    message: `${type.name}.${property.name} stands for ${what} ${relation.qualified}`,
    object: relation.qualified,
    type: type.name,
    location: property.location,
    other: originOf(relation.qualified),
    fix: {
      typescript: to === null ? `remove ${property.name}` : `rename ${property.name} to ${to}, as the driver names it`,
      sql:
        renamed !== null
          ? `alter table ${sqlTable(relation)} rename column ${quoted(renamed)} to ${quoted(tag ?? column)};`
          : added && `alter table ${sqlTable(relation)} add column ${added};`,
    },
    edit: to === null ? { kind: 'remove property' } : { kind: 'rename property', to },
    property: property.name,
  }
}

/** A column that an insert must give and the insert type does not have. */
function requiredAbsent({ pair, originOf, names, profile }: Comparison, facts: ColumnFacts): DriftDifference[] {
  const { type, relation, shape } = pair
  const { column } = facts
  const filled = column.default !== null || column.identity !== '' || column.generated !== ''
  if (shape !== 'insert' || isCommand(pair) || !column.notNull || filled || isFilledByCode(facts)) return []
  const object = columnObject(relation, column.name)
  return [
    {
      rule: 'drift/required-column-absent',
      message: `${type.name} has no property for ${object} (${column.type}), which is not null and has no default`,
      object,
      type: type.name,
      location: type.location,
      other: originOf(object) ?? originOf(relation.qualified),
      fix: {
        typescript: `${declaredName(propertyName(column.name, names) ?? column.name)}: ${notationOf(type).arrival(profile.arrival(column))}`,
        sql: `alter table ${sqlTable(relation)} alter column ${quoted(column.name)} ${relaxed(column)};`,
      },
      edit: { kind: 'add property' },
    },
  ]
}

/** What lets an insert leave the column out: the default that everybody would choose, or null. */
const relaxed = ({ baseType, array }: Column): string => {
  const usual = array ? undefined : USUAL_DEFAULTS[baseType]
  return usual === undefined ? 'drop not null' : `set default ${usual}`
}

const USUAL_DEFAULTS: Readonly<Record<string, string>> = {
  uuid: 'gen_random_uuid()',
  timestamptz: 'now()',
  timestamp: 'now()',
  date: 'current_date',
}

/** Keys that code makes, keys of parents that the path gives, and the clock. */
const isFilledByCode = ({ column, primaryKey, foreignKey }: ColumnFacts): boolean =>
  foreignKey ||
  (primaryKey && ['text', 'varchar', 'bpchar', 'uuid'].includes(column.baseType)) ||
  /^(?:created|updated|modified|inserted)_?(?:at|on)$/i.test(column.name)

/** Columns whose names the driver cannot turn into properties and back. */
export function judgeNames({ pair, names, originOf }: Comparison): DriftDifference[] {
  if (names === 'none' || spellsColumns(pair.type, pair.relation)) return []
  const { type, relation } = pair
  const byProperty = Map.groupBy(relation.columns, ({ name }) => propertyName(name, names))
  return relation.columns.flatMap(({ name }): DriftDifference[] => {
    const property = propertyName(name, names)
    const twins = property === null ? [] : byProperty.get(property)!.filter((other) => other.name !== name)
    if (twins.length === 0 && returns(name, names)) return []
    const object = columnObject(relation, name)
    const renameTo = plainName(name, relation, names)
    const renaming = `alter table ${sqlTable(relation)} rename column ${quoted(name)} to`
    const why =
      property === null
        ? 'the driver cannot turn it into a property'
        : twins.length > 0
          ? `it becomes ${property}, as ${twins.map((twin) => twin.name).join(', ')} does`
          : `it becomes ${property}, which does not become ${name} again when it is written`
    return [
      {
        rule: 'drift/unmappable-column-name',
        message: `${object}: ${why}`,
        object,
        type: type.name,
        location: originOf(object) ?? type.location,
        other: type.location,
        fix: { typescript: null, sql: renameTo === null ? null : `${renaming} ${quoted(renameTo)};` },
      },
    ]
  })
}

/** The nearest name that the driver turns into a property and back; null when it is taken. */
function plainName(column: string, { columns }: Relation, names: DomainSettings['names']): string | null {
  const words = column.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()
  const name = words.replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$|_(?=\d)/g, '')
  const others = columns.filter((other) => other.name !== column)
  const taken = others.some((other) => propertyName(other.name, names) === propertyName(name, names))
  return taken || name === '' || !returns(name, names) ? null : name
}

const spellsColumns = (type: DeclaredType, relation: Relation): boolean => {
  const spelled = relation.columns.filter(({ name }) => name.includes('_'))
  return spelled.some(({ name }) => type.properties?.some((property) => property.name === name))
}

/** A table for statements: quoted, with its schema. */
export const sqlTable = ({ schema, name }: Relation): string => `${quoted(schema)}.${quoted(name)}`
