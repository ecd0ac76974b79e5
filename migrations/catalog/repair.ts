import type { CatalogObject } from './catalog.ts'
import type { CatalogDifference } from './compare.ts'
import { databaseStatements } from './repair/databases.ts'
import { foreignStatements } from './repair/foreign.ts'
import { operatorStatements } from './repair/operators.ts'
import { otherStatements } from './repair/others.ts'
import { columnExtras, commentOn, laterConstraints, relationStatements } from './repair/relations.ts'
import { replicationStatements } from './repair/replication.ts'
import { roleStatements } from './repair/roles.ts'
import { routineStatements } from './repair/routines.ts'
import { grantStatements, list, own, text, type Statements } from './repair/statements.ts'
import { textSearchStatements } from './repair/text-search.ts'
import { changeLabels, typeStatements } from './repair/types.ts'

const statements: Readonly<Record<string, Statements>> = {
  ...typeStatements,
  ...routineStatements,
  ...operatorStatements,
  ...textSearchStatements,
  ...roleStatements,
  ...databaseStatements,
  ...foreignStatements,
  ...replicationStatements,
  ...otherStatements,
  ...relationStatements,
}

/** What is needed first is made first and dropped last; within that, an object follows those that its definition names. */
const ORDER: readonly string[] = [
  'role',
  'role membership',
  'schema',
  'extension',
  'language',
  'access method',
  'collation',
  'enum',
  'base type',
  'composite type',
  'sequence',
  'foreign data wrapper',
  'foreign server',
  'user mapping',
  'text search parser',
  'text search template',
  'text search dictionary',
  'text search configuration',
  'function',
  'window function',
  'procedure',
  'domain',
  'range type',
  'aggregate',
  'cast',
  'conversion',
  'operator',
  'operator family',
  'operator class',
  'transform',
  'table',
  'foreign table',
  'column',
  'constraint',
  'index',
  'statistics',
  'view',
  'materialized view',
  'rule',
  'trigger',
  'policy',
  'publication',
  'subscription',
  'event trigger',
  'default privileges',
  'database',
  'database setting',
  'role setting',
]

/**
 * Statements that a script lacks to get from what is there to what is expected: extra objects go, renamed ones take
 * their name back, missing ones come, changed ones change. A comment stands where landfall knows no statement.
 */
export function repairStatements(
  differences: readonly CatalogDifference[],
  expected: readonly CatalogObject[],
): string[] {
  const real = differences.filter(({ cosmetic }) => !cosmetic)
  const of = (change: CatalogDifference['change']): CatalogDifference[] => real.filter((d) => d.change === change)
  const owner = commonOwner(expected)
  // What cannot be changed in place goes with the extra ones and comes back with the missing ones.
  const replaced = of('changed').filter((d) => isReplaced(d))
  const gone = inOrder([...of('extra').map((d) => d.actual!), ...replaced.map((d) => d.actual!)]).toReversed()
  const made = inOrder([...of('missing').map((d) => d.expected!), ...replaced.map((d) => d.expected!)])
  const tables = new Set(made.filter(({ kind }) => kind === 'table').map(({ name }) => name))
  const columns = new Set(made.filter(({ kind }) => kind === 'column').map(({ name }) => name))
  const result = [
    ...dropAll(gone),
    ...of('renamed')
      .toReversed()
      .flatMap((d) => renameOf(d)),
    ...made.flatMap((object) => createOf(object, expected, owner, tables, columns)),
    ...made
      .filter((each) => each.kind === 'sequence' && columns.has(text(each.definition['ownedBy'])))
      .filter((each) => !isIdentity(each, expected))
      .map(({ name, definition }) => `alter sequence ${name} owned by ${text(definition['ownedBy'])};`),
    ...[...tables].flatMap((name) =>
      laterConstraints(name, expected).flatMap((each) => statements[each.kind]!.create(each, expected)),
    ),
    ...of('changed')
      .filter((d) => !replaced.includes(d))
      .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
      .flatMap((d) => changeOf(d, expected)),
  ]
  return [...new Set(result)]
}

const commonFields: ReadonlySet<string> = new Set(['comment', 'owner', 'privileges', 'name', 'schema'])

function isReplaced({ kind, fields, expected }: CatalogDifference): boolean {
  const known = statements[kind]
  if (!known || known.keep) return false
  if (kind === 'constraint' && expected!.definition['type'] === 'n') return false
  return fields.some((field) => !commonFields.has(field) && !known.alter?.[field])
}

/** Tables that go together go in one statement: they may refer to each other. */
function dropAll(gone: readonly CatalogObject[]): string[] {
  const tables = gone.filter(({ kind }) => kind === 'table').map(({ name }) => name)
  const together = tables.length > 1 ? `drop table ${tables.join(', ')};` : null
  return gone.flatMap((object) => (together !== null && object.kind === 'table' ? [together] : dropOf(object)))
}

const dropOf = (object: CatalogObject): string[] =>
  statements[object.kind]?.drop?.(object) ?? [`drop ${statements[object.kind]!.address(object)};`]

function renameOf({ kind, expected, actual }: CatalogDifference): string[] {
  const [to, from] = [own(expected!), own(actual!)]
  if (kind === 'column' || kind === 'constraint')
    return [`alter table ${expected!.relation} rename ${kind} ${from} to ${to};`]
  return [`alter ${statements[kind]!.address(actual!)} rename to ${to};`]
}

/** With the parts of a table that do not stand in CREATE TABLE, its comments and what is granted on it. */
function createOf(
  object: CatalogObject,
  expected: readonly CatalogObject[],
  owner: string | null,
  tables: ReadonlySet<string>,
  columns: ReadonlySet<string>,
): string[] {
  const { kind, name, definition, relation } = object
  const known = statements[kind]!
  if (kind === 'sequence' && isIdentity(object, expected)) return []
  // The sequence of a serial column is made before its column or table, and belongs to it afterwards.
  const create =
    kind === 'sequence' && (tables.has(ownerTable(object)) || columns.has(text(definition['ownedBy'])))
      ? known.create({ ...object, definition: { ...definition, ownedBy: null } }, expected)
      : known.create(object, expected)
  const parts =
    relation === null && (kind === 'table' || kind === 'foreign table' || kind.endsWith('view'))
      ? partsOf(name, expected)
      : []
  const sequences =
    kind === 'table' ? expected.filter((each) => each.kind === 'sequence' && ownerTable(each) === name) : []
  return [
    ...sequences
      .filter((each) => !isIdentity(each, expected))
      .flatMap((each) =>
        statements['sequence']!.create({ ...each, definition: { ...each.definition, ownedBy: null } }, expected),
      ),
    ...create,
    ...sequences
      .filter((each) => !isIdentity(each, expected))
      .map((each) => `alter sequence ${each.name} owned by ${text(each.definition['ownedBy'])};`),
    ...ornaments(object, owner),
    ...parts.flatMap((part) => [
      ...(part.kind === 'column'
        ? columnExtras(part)
        : part.kind === 'constraint'
          ? []
          : statements[part.kind]!.create(part, expected)),
      ...ornaments(part, owner),
    ]),
  ]
}

const partsOf = (name: string, expected: readonly CatalogObject[]): CatalogObject[] =>
  expected
    .filter((part) => part.relation === name && statements[part.kind] !== undefined)
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))

const ownerTable = ({ definition }: CatalogObject): string => text(definition['ownedBy'] ?? '').replace(/\.[^.]+$/, '')

const isIdentity = ({ definition }: CatalogObject, expected: readonly CatalogObject[]): boolean =>
  expected.some(
    ({ kind, name, definition: d }) => kind === 'column' && name === definition['ownedBy'] && d['identity'] !== '',
  )

/** Comment, owner and privileges of an object that was just made. */
function ornaments(object: CatalogObject, owner: string | null): string[] {
  const { kind, definition } = object
  const known = statements[kind]!
  if (kind === 'database') return []
  const its = text(definition['owner'] ?? owner)
  const granted = list(definition['privileges'])
  const atFirst = [
    ...granted.filter((entry) => entry.startsWith(`${its} `)),
    ...(known.everybody ? [`PUBLIC ${known.everybody}`] : []),
  ]
  const grants =
    kind === 'column'
      ? known.alter!['privileges']!(object, { ...object, definition: { privileges: [] } })
      : known.grants
        ? grantStatements(known.grants(object), granted, atFirst)
        : []
  return [
    ...(typeof definition['comment'] === 'string' ? [commentOn(known.address(object), definition['comment'])] : []),
    ...(owner !== null && definition['owner'] !== undefined && its !== owner
      ? [`alter ${known.address(object)} owner to ${its};`]
      : []),
    ...grants,
  ]
}

function changeOf(d: CatalogDifference, expected: readonly CatalogObject[]): string[] {
  const [known, e, a] = [statements[d.kind], d.expected!, d.actual!]
  if (!known) return [unknown(d)]
  return d.fields.flatMap((field) => {
    if (d.kind === 'enum' && field === 'labels') return changeLabels(e, a, expected)
    const finer = known.alter?.[field]
    if (finer) return finer(e, a)
    if (field === 'comment') return [commentOn(known.address(e), e.definition['comment'])]
    if (field === 'owner') return [`alter ${known.address(e)} owner to ${text(e.definition['owner'])};`]
    if (field === 'privileges' && known.grants)
      return grantStatements(known.grants(e), e.definition[field], a.definition[field])
    return [unknown(d)]
  })
}

/** By rank, and behind everything that the definition names. */
function inOrder(objects: readonly CatalogObject[]): CatalogObject[] {
  const ranked = objects.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  const texts = new Map(
    ranked.map((object) => [object, JSON.stringify([object.relation, { ...object.definition, ownedBy: null }])]),
  )
  const result = new Set<CatalogObject>()
  const visiting = new Set<CatalogObject>()
  const visit = (object: CatalogObject): void => {
    if (result.has(object) || visiting.has(object)) return
    visiting.add(object)
    for (const other of ranked) if (other !== object && texts.get(object)!.includes(nameInText(other))) visit(other)
    result.add(object)
  }
  for (const object of ranked) visit(object)
  return [...result]
}

/** As definitions name it: a function without its arguments. */
const nameInText = ({ name }: CatalogObject): string => JSON.stringify(name.replace(/\(.*$/, '')).slice(1, -1) || name

/** The owner of most objects: who runs the migrations. */
function commonOwner(expected: readonly CatalogObject[]): string | null {
  const counts = new Map<string, number>()
  for (const { definition } of expected) {
    const owner = definition['owner']
    if (typeof owner === 'string') counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null
}

const unknown = ({ kind, name, change, fields, expected }: CatalogDifference): string =>
  `-- ${change} ${kind} ${name}${fields.length > 0 ? `: ${fields.map((field) => `${field} must be ${JSON.stringify(expected?.definition[field] ?? null)}`).join(', ')}` : ''}`
