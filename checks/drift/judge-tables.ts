import { historyTables } from '../../migrations/catalog/environment.ts'
import type { Relation } from '../../migrations/catalog/relations.ts'
import type { DomainSettings } from '../settings.ts'
import { isStored } from './column-facts.ts'
import type { DriftDifference, OriginOf } from './difference.ts'
import type { Matching } from './match.ts'
import { columnsByProperty } from './property-columns.ts'
import { type DeclaredType, type Property, type TypeModel, valueArms } from './type-model.ts'
import { standsBeside } from './type-names.ts'

/** Tables without a type, types without a table, and what is tied to nothing although someone said so. */
export interface TableInput {
  readonly model: TypeModel
  readonly relations: readonly Relation[]
  readonly schema: string
  readonly settings: DomainSettings
  readonly matching: Matching
  readonly originOf: OriginOf
}

/** The tables that a type is expected for. */
export const tablesInScope = ({
  relations,
  schema,
  settings,
}: Pick<TableInput, 'relations' | 'schema' | 'settings'>): Relation[] =>
  relations.filter(
    (relation) =>
      relation.schema === schema &&
      isStored(relation) &&
      !relation.partition &&
      settings.tables[relation.name] !== false &&
      !historyTables.has(relation.name) &&
      relation.name !== 'spatial_ref_sys',
  )

/** A table that only ties others together: every column is part of a foreign key. */
export const isJunction = ({ columns, constraints }: Relation): boolean => {
  const keys = constraints.filter(({ type }) => type === 'f')
  return keys.length >= 2 && columns.every(({ name }) => keys.some((key) => key.columns.includes(name)))
}

export function judgeTables(input: TableInput): DriftDifference[] {
  const { matching, settings } = input
  const asked = new Set(matching.ambiguous.flatMap(({ candidates }) => candidates))
  const tied = new Set(matching.pairs.map(({ relation }) => relation))
  const untyped = tablesInScope(input).filter(
    (relation) => !tied.has(relation) && !asked.has(relation) && !isJunction(relation),
  )
  return [
    ...untyped.map((relation) => tableWithoutType(input, relation)),
    ...matching.unmatched.filter((type) => isEntity(input, type)).map((type) => typeWithoutTable(input, type, untyped)),
    ...matching.ambiguous.map(({ type, candidates }) => ambiguous(type, candidates, input.originOf)),
    ...matching.dead.map((dead): DriftDifference => deadName(dead)),
    ...Object.keys(settings.tables)
      .filter((name) => !input.relations.some((relation) => relation.schema === input.schema && relation.name === name))
      .map((name): DriftDifference => deadName({ what: 'table', name, tag: null, type: null })),
  ]
}

function tableWithoutType(input: TableInput, relation: Relation): DriftDifference {
  const close = input.matching.unmatched.find((type) => looksLike(type, relation, input.settings.names))
  return {
    rule: 'drift/table-without-type',
    message: `${relation.qualified} has no type${close === undefined ? '' : `; ${close.name} has its properties but not its name`}`,
    object: relation.qualified,
    type: null,
    location: input.originOf(relation.qualified),
    other: null,
    fix: {
      typescript: `/** @landfall-table ${relation.name} */${close === undefined ? '' : ` on ${close.name}`}, or tables: { ${relation.name}: false } in the config`,
      sql: null,
    },
  }
}

function typeWithoutTable(input: TableInput, type: DeclaredType, untyped: readonly Relation[]): DriftDifference {
  const close = untyped.find((relation) => looksLike(type, relation, input.settings.names))
  return {
    rule: 'drift/type-without-table',
    message: `${type.name} stands for no table${close === undefined ? '' : `; ${close.qualified} has its columns but not its name`}`,
    object: null,
    type: type.name,
    location: type.location,
    other: close === undefined ? null : input.originOf(close.qualified),
    fix: {
      typescript:
        close === undefined
          ? `/** @landfall-table name */, or types: { ${type.name}: false } in the config`
          : `/** @landfall-table ${close.name} */`,
      sql: null,
    },
  }
}

/** Most of the properties are columns, and most of the columns are properties. */
const looksLike = (type: DeclaredType, relation: Relation, names: DomainSettings['names']): boolean => {
  const shared = columnsByProperty(type, relation, names).size
  return shared >= 2 && shared * 4 >= (type.properties?.length ?? 0) * 3 && shared * 2 >= relation.columns.length
}

/**
 * Whether an exported type surely stands for something that is stored. What asks, answers or shows is none; nor what is
 * part of another type, what others extend, and what repeats a table that has its type already. A value without an
 * identity is none either: it is counted as unchecked, and nothing is said.
 */
function isEntity({ model, matching, settings }: TableInput, type: DeclaredType): boolean {
  if (standsBeside(type.name) || !(type.properties ?? []).some((property) => isIdentity(type, property))) return false
  const others = model.types.filter((other) => other !== type)
  if (
    others.some(
      ({ mentions }) => mentions.includes(type.name) || (type.schema !== null && mentions.includes(type.schema)),
    )
  )
    return false
  if (others.some(({ derived }) => derived.some(({ from }) => from === type.name || from === type.schema))) return false
  return !matching.pairs.some(({ relation }) => repeats(type, relation, settings.names))
}

const repeats = (type: DeclaredType, relation: Relation, names: DomainSettings['names']): boolean =>
  columnsByProperty(type, relation, names).size * 5 >= (type.properties?.length ?? 0) * 4

/** `id`, `uuid`, `taskId` of a Task: required, and a text or a number. */
function isIdentity(type: DeclaredType, { name, optional, type: value }: Property): boolean {
  const own = ['id', 'uuid', `${type.name.charAt(0).toLowerCase()}${type.name.slice(1)}Id`]
  return !optional && own.includes(name) && valueArms(value).every(({ kind }) => SCALARS.has(kind))
}

const SCALARS: ReadonlySet<string> = new Set(['primitive', 'brand', 'template', 'unknown'])

function ambiguous(type: DeclaredType, candidates: readonly Relation[], originOf: OriginOf): DriftDifference {
  const first = candidates[0]!
  const names = candidates.map(({ qualified }) => qualified).join(', ')
  const message =
    candidates.length > 1
      ? `${type.name} may stand for ${names}: nothing of it is compared`
      : `${type.name} is named like ${names}, but shares few of its columns: nothing of it is compared`
  return {
    rule: 'drift/ambiguous-match',
    message,
    object: first.qualified,
    type: type.name,
    location: type.location,
    other: originOf(first.qualified),
    fix: {
      typescript: `/** @landfall-table ${first.name} [row|projection|insert|update|join] */, or types: { ${type.name}: false }`,
      sql: null,
    },
  }
}

function deadName({ what, name, tag, type }: Matching['dead'][number]): DriftDifference {
  const by = tag === null ? 'domain settings' : '@landfall-table'
  return {
    rule: 'drift/names-nothing',
    message: `${by}: there is no ${what} ${JSON.stringify(name)}${type === null ? '' : ` for ${type.name}`}`,
    object: null,
    type: type?.name ?? null,
    location: tag?.location ?? type?.location ?? null,
    other: null,
    fix: { typescript: `correct or remove ${JSON.stringify(name)}`, sql: null },
  }
}
