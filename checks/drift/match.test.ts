import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Column, Relation } from '../../migrations/catalog/relations.ts'
import { domainSettings } from '../settings.ts'
import { compareDrift } from './compare.ts'
import { matchTypes, type Matching } from './match.ts'
import type { DeclaredType, Derivation, Property, Tag, TsType } from './type-model.ts'

const location = { file: 'domain.ts', line: 1, column: 1 }
const STRING: TsType = { kind: 'primitive', name: 'string' }

const property = (name: string, line = 1, type: TsType = STRING): Property => ({
  name,
  optional: false,
  type,
  text: 'string',
  output: null,
  someArms: false,
  computed: false,
  tags: [],
  location: { ...location, line },
})

const typed = (name: string, properties: readonly string[], more: Partial<DeclaredType> = {}): DeclaredType => ({
  name,
  kind: 'interface',
  exported: true,
  generic: false,
  schema: null,
  tags: [],
  location,
  properties: properties.map((one, index) => property(one, (more.location?.line ?? 1) + index + 1)),
  methods: 0,
  derived: [],
  mentions: [],
  ...more,
})

const column = (name: string, position: number): Column => ({
  name,
  position,
  type: 'text',
  baseType: 'text',
  baseKind: 'b',
  array: false,
  domain: null,
  domainChecks: [],
  enumLabels: null,
  notNull: true,
  default: null,
  identity: '',
  generated: '',
})

const table = (name: string, columns: readonly string[] = ['id'], more: Partial<Relation> = {}): Relation => ({
  schema: 'public',
  name,
  qualified: `public.${name}`,
  kind: 'table',
  partition: false,
  query: null,
  columns: columns.map((one, index) => column(one, index + 1)),
  constraints: [],
  ...more,
})

const matched = (types: readonly DeclaredType[], relations: readonly Relation[], settings: object = {}): Matching =>
  matchTypes({ types, relations, schema: 'public', settings: domainSettings.parse({ files: 'x', ...settings }) })

const told = ({ pairs }: Matching): string[] =>
  pairs.map(({ type, relation, shape, by }) => `${type.name} = ${relation.qualified} (${shape}, ${by})`)

test.each([
  ['Task', 'tasks'],
  ['Task', 'task'],
  ['TaskRow', 'tasks'],
  ['TaskRecord', 'tasks'],
  ['ITask', 'tasks'],
  ['ProjectFile', 'project_files'],
  ['Category', 'categories'],
  ['Person', 'people'],
  ['AuditEntry', 'audit_entries'],
  ['StatusUpdate', 'status_updates'],
  ['APIKey', 'api_keys'],
  ['tasks', 'tasks'],
  ['UserModel', 'user'],
])('%s stands for %s by its name', (type, relation) => {
  expect(told(matched([typed(type, ['id'])], [table(relation), table('others')]))).toEqual([
    `${type} = public.${relation} (row, name)`,
  ])
})

test.each([
  ['NewTask', 'insert'],
  ['CreateTaskInput', 'insert'],
  ['TaskInsert', 'insert'],
  ['TaskInput', 'insert'],
  ['TaskPatch', 'update'],
  ['UpdateTask', 'update'],
])('%s is what is written to tasks: %s', (type, shape) => {
  expect(told(matched([typed(type, ['id'])], [table('tasks')]))).toEqual([`${type} = public.tasks (${shape}, name)`])
})

test('the plainest reading of a name wins: a status update has a table, or updates a status', () => {
  const type = typed('StatusUpdate', ['id'])
  expect(told(matched([type], [table('status_updates'), table('statuses')]))).toEqual([
    'StatusUpdate = public.status_updates (row, name)',
  ])
  expect(told(matched([type], [table('statuses')]))).toEqual(['StatusUpdate = public.statuses (update, name)'])
})

test('the config outdoes the tag, and the tag the name', () => {
  const tag: Tag = { name: 'table', argument: 'jobs subset', location }
  const types = [typed('Task', ['id'], { tags: [tag] })]
  const relations = [table('tasks'), table('jobs'), table('works')]
  expect(told(matched(types, relations))).toEqual(['Task = public.jobs (projection, tag)'])
  expect(told(matched(types, relations, { types: { Task: 'works' } }))).toEqual(['Task = public.works (row, config)'])
  expect(matched(types, relations, { types: { Task: false } })).toEqual({
    pairs: [],
    ambiguous: [],
    dead: [],
    unmatched: [],
  })
})

const from = (name: string, by: Derivation['by']): Pick<DeclaredType, 'derived'> => ({ derived: [{ from: name, by }] })

test('types made from a tied type follow it, as what they are made into', () => {
  const types = [
    typed('Task', ['id', 'title']),
    typed('Card', ['id'], from('Task', 'pick')),
    typed('PublicTask', ['title'], from('Task', 'omit')),
    typed('Changes', ['title'], from('Task', 'partial')),
    typed('Tagged', ['id', 'title', 'tags'], from('Task', 'extends')),
    typed('Smaller', ['id'], from('Card', 'pick')),
    typed('NewTask', ['title'], from('Task', 'omit')),
    typed('Bug', ['id', 'title'], from('Base', 'extends')),
    typed('Base', ['id']),
  ]
  const relations = [table('tasks', ['id', 'title']), table('bugs', ['id', 'title'])]
  expect(told(matched(types, relations))).toEqual([
    'Task = public.tasks (row, name)',
    'Card = public.tasks (projection, derivation)',
    'PublicTask = public.tasks (projection, derivation)',
    'Changes = public.tasks (update, derivation)',
    'Tagged = public.tasks (join, derivation)',
    'Smaller = public.tasks (projection, derivation)',
    'NewTask = public.tasks (insert, derivation)',
    'Bug = public.bugs (row, name)',
  ])
})

test('what cannot stand for a table is no subject', () => {
  const types = [
    typed('Task', ['id'], { exported: false }),
    typed('Task', ['id'], { generic: true }),
    typed('Task', [], { methods: 2 }),
    typed('Task', ['id'], { methods: 1 }), // as many methods as data: a service
    typed('Task', [], { properties: null }),
    typed('Task', ['id'], from('DomainError', 'extends')),
  ]
  expect(matched(types, [table('tasks')])).toEqual({ pairs: [], ambiguous: [], dead: [], unmatched: [] })
})

test('a name that the config or a tag gives and nobody bears is kept for a finding', () => {
  const tag: Tag = { name: 'table', argument: 'tasks sometimes', location }
  const [task, bug] = [typed('Task', ['id'], { tags: [tag] }), typed('Bug', ['id'])]
  expect(matched([task, bug], [table('tasks')], { types: { Bug: 'bugs', Gone: 'tasks' } }).dead).toEqual([
    { what: 'type', name: 'Gone', tag: null, type: null },
    { what: 'shape', name: 'sometimes', tag, type: task },
    { what: 'table', name: 'bugs', tag: null, type: bug },
  ])
})

test('a table of another schema is only found by its full name', () => {
  const relations = [table('tasks', ['id'], { schema: 'other', qualified: 'other.tasks' }), table('bugs')]
  expect(told(matched([typed('Task', ['id'])], relations))).toEqual([])
  expect(told(matched([typed('Task', ['id'])], relations, { types: { Task: 'other.tasks' } }))).toEqual([
    'Task = other.tasks (row, config)',
  ])
})

test('the order of types, properties, tables and columns changes nothing', async () => {
  const types = [
    typed('Task', ['id', 'title', 'gone'], { location: { ...location, line: 1 } }),
    typed('Bug', ['id', 'severity'], { location: { ...location, line: 9 } }),
    typed('Ghost', ['id', 'body'], { location: { ...location, line: 20 } }),
  ]
  const relations = [table('tasks', ['id', 'title', 'due_at']), table('bugs', ['id']), table('logs', ['line', 'level'])]
  const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
    fc.shuffledSubarray([...items], { minLength: items.length })
  const drift = (someTypes: readonly DeclaredType[], someRelations: readonly Relation[]) =>
    compareDrift({
      model: { files: ['domain.ts'], types: someTypes, strayTags: [] },
      relations: someRelations,
      schema: 'public',
      settings: domainSettings.parse('domain.ts'),
      originOf: (object) => ({ file: `${object}.sql`, line: 1, column: null }),
    })
  const expected = await drift(types, relations)
  expect(expected.differences.map(({ rule, object }) => `${rule} ${object}`)).toEqual([
    'drift/missing-property public.tasks.due_at',
    'drift/extra-property public.tasks',
    'drift/extra-property public.bugs',
    'drift/type-without-table null',
    'drift/table-without-type public.logs',
  ])
  await fc.assert(
    fc.asyncProperty(
      shuffled(types).chain((some) =>
        fc.tuple(...some.map((type) => shuffled(type.properties!).map((properties) => ({ ...type, properties })))),
      ),
      shuffled(relations).chain((some) =>
        fc.tuple(...some.map((one) => shuffled(one.columns).map((columns) => ({ ...one, columns })))),
      ),
      async (someTypes, someRelations) => {
        expect(await drift(someTypes, someRelations)).toEqual(expected)
      },
    ),
    { numRuns: 200 },
  )
})
