import type { Relation } from '../../migrations/catalog/relations.ts'
import type { DomainSettings } from '../settings.ts'
import { isStored } from './column-facts.ts'
import { columnsByProperty } from './property-columns.ts'
import { readingsOf, schemaSubject, squash, tableSpellings } from './type-names.ts'
import type { DeclaredType, Tag } from './type-model.ts'

/** How a type stands for its relation: whole rows, a part of them, what is written, or rows of several tables. */
export type Shape = 'row' | 'projection' | 'insert' | 'update' | 'join'

const SHAPES: Readonly<Record<string, Shape>> = {
  row: 'row',
  projection: 'projection',
  subset: 'projection',
  insert: 'insert',
  update: 'update',
  join: 'join',
}

/** A type and the relation that it stands for. */
export interface Pair {
  readonly type: DeclaredType
  readonly relation: Relation
  readonly shape: Shape
  /** What tied them; `derivation`: it is made from a type that is tied. */
  readonly by: 'config' | 'tag' | 'name' | 'derivation'
}

/** A name in the config or in a tag that names nothing. */
export interface DeadName {
  readonly what: 'type' | 'table' | 'shape'
  readonly name: string
  /** Where the tag stands; null for the config. */
  readonly tag: Tag | null
  readonly type: DeclaredType | null
}

export interface Matching {
  readonly pairs: readonly Pair[]
  readonly ambiguous: readonly { readonly type: DeclaredType; readonly candidates: readonly Relation[] }[]
  readonly dead: readonly DeadName[]
  /** Exported types with data that are tied to nothing, without those that the config sets to `false`. */
  readonly unmatched: readonly DeclaredType[]
}

export interface MatchInput {
  readonly types: readonly DeclaredType[]
  readonly relations: readonly Relation[]
  readonly schema: string
  readonly settings: Pick<DomainSettings, 'types' | 'names'>
}

/** Ties types to relations: by config, by tag, by derivation from a tied type, by name; never by a guess. */
export function matchTypes(input: MatchInput): Matching {
  const { types, settings } = input
  const pairs: Pair[] = []
  const ambiguous: Matching['ambiguous'][number][] = []
  const dead: DeadName[] = Object.keys(settings.types)
    .filter((name) => !types.some((type) => type.name === name))
    .map((name) => ({ what: 'type', name, tag: null, type: null }))
  const rest: DeclaredType[] = []
  for (const type of types) {
    const said = saidOf(type, settings.types)
    if (said === false) continue
    if (said === null) rest.push(type)
    else {
      const relation = namedRelation(input, said.table)
      const shape = SHAPES[said.shape ?? 'row']
      if (relation === undefined) dead.push({ what: 'table', name: said.table, tag: said.tag, type })
      else if (shape === undefined) dead.push({ what: 'shape', name: said.shape!, tag: said.tag, type })
      else {
        const inferred = said.shape === null ? shapeByName(type) : shape
        pairs.push({ type, relation, shape: inferred, by: said.tag === null ? 'config' : 'tag' })
      }
    }
  }
  const subjects = rest.filter((type) => type.exported && isSubject(type, rest))
  const named = subjects.filter((type) => !type.derived.some(({ from }) => knows(types, from)))
  const byName: Pair[] = []
  for (const type of named) {
    const candidates = candidatesByName(type, input)
    if (candidates.length === 1) byName.push({ type, ...candidates[0]!, by: 'name' })
    else if (candidates.length > 1) ambiguous.push({ type, candidates: candidates.map(({ relation }) => relation) })
  }
  for (const pair of byName) {
    if (!isFarFetched(pair, settings.names)) pairs.push(pair)
    // An input that shares little with the table is a command of the application, and nobody's question.
    else if (pair.shape === 'row') ambiguous.push({ type: pair.type, candidates: [pair.relation] })
  }
  pairs.push(...derivedPairs(subjects, types, pairs, input))
  const tied = new Set([...pairs, ...ambiguous].map(({ type }) => type))
  const deadTypes = new Set(dead.map(({ type }) => type))
  return {
    pairs,
    ambiguous,
    dead,
    unmatched: subjects.filter((type) => !tied.has(type) && !deadTypes.has(type)),
  }
}

interface Said {
  readonly table: string
  /** Null: not said. */
  readonly shape: string | null
  readonly tag: Tag | null
}

function saidOf(type: DeclaredType, config: DomainSettings['types']): Said | false | null {
  const own = config[type.name]
  if (own === false) return false
  if (typeof own === 'string') return { table: own, shape: null, tag: null }
  if (own !== undefined) return { table: own.table, shape: own.shape, tag: null }
  const tag = type.tags.find(({ name }) => name === 'table')
  if (tag === undefined) return null
  const [table = '', shape = null] = tag.argument.split(/\s+/)
  return { table, shape, tag }
}

/** A table of the system's schema by its name, or any by `schema.table`. */
function namedRelation({ relations, schema }: MatchInput, name: string): Relation | undefined {
  const plain = name.replaceAll('"', '')
  return relations.find(
    (relation) =>
      (relation.schema === schema && relation.name === plain) || `${relation.schema}.${relation.name}` === plain,
  )
}

/**
 * What may stand for a table: an object with data. An error, a generic and what is mostly methods may not; nor
 * a schema beside an interface of its name, since then it describes what is loaded.
 */
function isSubject(type: DeclaredType, all: readonly DeclaredType[]): boolean {
  if (type.properties === null || type.properties.length === 0 || type.generic) return false
  if (type.kind !== 'class' && type.methods >= type.properties.length) return false
  if (type.derived.some(({ from }) => from.endsWith('Error'))) return false
  if (type.kind !== 'zod') return true
  const entities = new Set(subjectReadings(type).map(({ entity }) => squash(entity)))
  return !all.some(
    (other) => other.kind !== 'zod' && other.exported && other.properties !== null && entities.has(squash(other.name)),
  )
}

const subjectReadings = (type: DeclaredType): ReturnType<typeof readingsOf> =>
  readingsOf(type.kind === 'zod' && type.schema === type.name ? schemaSubject(type.name) : type.name)

const shapeByName = (type: DeclaredType): Shape => shapeByDerivation(type) ?? 'row'

function candidatesByName(
  type: DeclaredType,
  { relations, schema }: MatchInput,
): { relation: Relation; shape: Shape }[] {
  const own = relations.filter((relation) => relation.schema === schema)
  for (const { entity, role } of subjectReadings(type)) {
    const exact = own.filter(({ name }) => squash(name) === squash(entity))
    const spellings = tableSpellings(entity)
    const close = exact.length > 0 ? exact : own.filter(({ name }) => spellings.has(squash(name)))
    const stored = close.filter(isStored)
    const found = stored.length > 0 ? stored : close
    if (found.length > 0) return found.map((relation) => ({ relation, shape: role }))
  }
  return []
}

/**
 * A row type whose name fits a table, but whose properties hardly do, is another thing of the same name (the row of a
 * join, what an API answers, an object that code fills in by hand): one question to the team instead of many wrong findings.
 */
function isFarFetched({ type, relation, shape }: Pair, names: DomainSettings['names']): boolean {
  const properties = type.properties ?? []
  const met = new Set(columnsByProperty(type, relation, names).values())
  const [found, columns] = [met.size, relation.columns.length]
  const foreign = properties.length - found
  if (properties.length >= 3 && found * 2 < Math.min(properties.length, columns)) return true
  if (shape !== 'row') return properties.length >= 3 && found * 2 < columns && foreign >= 3
  const key = relation.constraints.find((constraint) => constraint.type === 'p')?.columns ?? []
  const hasKey = key.length === 0 || key.some((column) => met.has(column))
  return found === 0 || foreign > found || (found * 2 < columns && (foreign > 0 || !hasKey || found * 4 < columns))
}

const knows = (types: readonly DeclaredType[], from: string): boolean =>
  types.some((type) => type.name === from || type.schema === from)

/** Types made from tied types, in any number of steps. */
function derivedPairs(
  subjects: readonly DeclaredType[],
  types: readonly DeclaredType[],
  pairs: readonly Pair[],
  input: MatchInput,
): Pair[] {
  const relationOf = new Map(pairs.map(({ type, relation }) => [type.name, relation]))
  for (const { type, relation } of pairs) if (type.schema !== null) relationOf.set(type.schema, relation)
  const origin = (name: string, steps = 0): Relation | undefined => {
    const type = types.find((one) => one.name === name || one.schema === name)
    return relationOf.get(name) ?? (steps > 8 ? undefined : type?.derived.map(({ from }) => origin(from, steps + 1))[0])
  }
  return subjects.flatMap((type): Pair[] => {
    if (pairs.some((pair) => pair.type === type) || !type.derived.some(({ from }) => knows(types, from))) return []
    const inherited = type.derived.map(({ from }) => origin(from)).find((relation) => relation !== undefined)
    // A table of its very own name outdoes the type that it is made from (`interface Task extends Versioned`), unless
    // that type's table has more of its columns: then the name is a view's, or chance.
    const fit = ({ relation }: { relation: Relation }): number =>
      columnsByProperty(type, relation, input.settings.names).size
    const [own, other] = candidatesByName(type, input)
    if (
      own !== undefined &&
      other === undefined &&
      (inherited === undefined || fit(own) >= fit({ relation: inherited }))
    ) {
      return [{ type, ...own, by: own.relation === inherited ? 'derivation' : 'name' }]
    }
    if (inherited === undefined) return []
    return [{ type, relation: inherited, shape: shapeByDerivation(type) ?? 'join', by: 'derivation' }]
  })
}

/** What a derived type is: by its name when that says what is written, else by how it is made. */
function shapeByDerivation(type: DeclaredType): Shape | null {
  const role = subjectReadings(type).find((reading) => reading.role !== 'row')?.role
  if (role !== undefined) return role
  const ways = new Set(type.derived.map(({ by }) => by))
  if (ways.has('partial')) return 'update'
  if (ways.has('extends') || ways.has('intersection')) return 'join'
  return ways.has('pick') || ways.has('omit') ? 'projection' : null
}

/**
 * True for what a caller hands to the application (`CreateTaskInput`): its repository adds to it and takes from it, so
 * it is held against the columns that it shares with the table and no others.
 */
export const isCommand = ({ type, shape, by }: Pair): boolean =>
  (by === 'name' || by === 'derivation') &&
  (shape === 'update' || (shape === 'insert' && !/^(?:New|Insert)(?=[A-Z])|Insert(?:able)?$/.test(type.name)))
