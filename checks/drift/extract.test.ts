import { expect, test } from 'vitest'
import { domainProject } from '../../fixtures/drift.ts'
import { extractTypes } from './extract.ts'
import type { TypeModel } from './type-model.ts'

async function modelOf(domain: string, others: Readonly<Record<string, string>> = {}): Promise<TypeModel> {
  await using project = await domainProject({ 'domain.ts': domain, ...others })
  return await extractTypes({ root: project.root, files: 'domain.ts' })
}

const STRING = { kind: 'primitive', name: 'string' }
const at = (line: number, column: number): object => ({ file: 'domain.ts', line, column })

test('an interface is read to plain values, with its places, tags and relations', async () => {
  const domain = `import type { Status } from './status.ts'
/** @landfall-table tasks */
export interface Task extends Versioned {
  id: string
  /** @landfall-column state */
  status?: Status
  owner: Person | null
  rename(to: string): void
}
interface Versioned { version: number }
interface Person { name: string; friends: Person[] }
`
  expect(await modelOf(domain, { 'status.ts': `export type Status = 'open' | 'done'` })).toEqual({
    files: ['domain.ts'],
    types: [
      {
        name: 'Task',
        kind: 'interface',
        exported: true,
        generic: false,
        schema: null,
        tags: [{ name: 'table', argument: 'tasks', location: at(2, 5) }],
        location: at(3, 18),
        properties: [
          property('id', STRING, 'string', at(4, 3)),
          {
            ...property('status', { kind: 'union', of: [literal('open'), literal('done')] }, 'Status', at(6, 3)),
            optional: true,
            tags: [{ name: 'column', argument: 'state', location: at(5, 7) }],
          },
          property(
            'owner',
            {
              kind: 'union',
              of: [
                { kind: 'null' },
                {
                  kind: 'object',
                  name: 'Person',
                  properties: [
                    { name: 'name', optional: false, type: STRING },
                    {
                      name: 'friends',
                      optional: false,
                      type: { kind: 'array', of: { kind: 'recursive', name: 'Person' } },
                    },
                  ],
                  index: null,
                },
              ],
            },
            'Person | null',
            at(7, 3),
          ),
          property('version', { kind: 'primitive', name: 'number' }, 'number', at(10, 23)),
        ],
        methods: 1,
        derived: [{ from: 'Versioned', by: 'extends' }],
        mentions: ['Person', 'Status'],
      },
      {
        ...bare('Versioned', at(10, 11)),
        properties: [property('version', { kind: 'primitive', name: 'number' }, 'number', at(10, 23))],
      },
      {
        ...bare('Person', at(11, 11)),
        properties: [
          property('name', STRING, 'string', at(11, 20)),
          property('friends', { kind: 'array', of: person }, 'Person[]', at(11, 34)),
        ],
      },
    ],
    strayTags: [],
  })
})

const literal = (value: string): object => ({ kind: 'literal', value })
const person = {
  kind: 'object',
  name: 'Person',
  properties: [
    { name: 'name', optional: false, type: STRING },
    { name: 'friends', optional: false, type: { kind: 'recursive', name: 'Person[]' } },
  ],
  index: null,
}

const property = (name: string, type: object, text: string, location: object): object => ({
  name,
  optional: false,
  type,
  text,
  output: null,
  someArms: false,
  computed: false,
  tags: [],
  location,
})

const bare = (name: string, location: object): object => ({
  name,
  kind: 'interface',
  exported: false,
  generic: false,
  schema: null,
  tags: [],
  location,
  methods: 0,
  derived: [],
  mentions: [],
})

/** `name: type` of one type's properties. */
const typesOf = ({ types }: TypeModel, name: string): Record<string, unknown> =>
  Object.fromEntries(types.find((type) => type.name === name)!.properties!.map((one) => [one.name, one.type]))

test('types are read by structure: brands, enums, lists, mapped types, arrays, templates, what the project did not write', async () => {
  const model = await modelOf(`
    const statuses = ['open', 'done'] as const
    enum Level { Low = 'low', High = 'high' }
    type Id = string & { readonly __brand: 'Id' }
    interface Base { id: Id; secret: string; level: Level }
    export type Sample = Readonly<Omit<Base, 'secret'>> & {
      status: (typeof statuses)[number]
      open: boolean | null
      when: Date
      bytes: Buffer
      pair: readonly [string, number]
      path: \`\${string}/x\`
      key: keyof typeof table
      gone: Nowhere
      later: undefined | string
    }
    const table = { a: 1, b: 2 }
  `)
  expect(typesOf(model, 'Sample')).toEqual({
    id: { kind: 'brand', of: STRING, text: 'Id' },
    level: { kind: 'union', of: [literal('low'), literal('high')] },
    status: { kind: 'union', of: [literal('open'), literal('done')] },
    open: { kind: 'union', of: [{ kind: 'null' }, { kind: 'primitive', name: 'boolean' }] },
    when: { kind: 'named', name: 'Date' },
    bytes: { kind: 'named', name: 'Buffer' },
    pair: { kind: 'tuple', of: [STRING, { kind: 'primitive', name: 'number' }] },
    path: { kind: 'template', text: '`${string}/x`' },
    key: { kind: 'union', of: [literal('a'), literal('b')] },
    gone: { kind: 'unresolved', text: 'Nowhere' },
    later: { kind: 'union', of: [{ kind: 'undefined' }, STRING] },
  })
})

test('a class gives its public data: no methods, nothing private, getters marked', async () => {
  const { types } = await modelOf(`export class Task {
    #a = 1
    private b = 2
    protected c = 3
    static d = 4
    declare e: string
    constructor(readonly f: string, g: number) {}
    get h(): boolean { return true }
    i(): void {}
    j = (): void => {}
  }`)
  expect(
    types.map(({ properties, methods }) => [properties!.map(({ name, computed }) => [name, computed]), methods]),
  ).toEqual([
    [
      [
        ['e', false],
        ['f', false],
        ['h', true],
      ],
      2,
    ],
  ])
})

test('the arms of a union of objects are merged; a list of names is no object', async () => {
  const { types } = await modelOf(`
    export type Event = { kind: 'a'; at: Date; x: number } | { kind: 'b'; at: Date; y?: string }
    export type Kind = Event['kind']
    export type Listener = (event: Event) => void
  `)
  expect(
    types.map((type) => [
      type.name,
      type.properties?.map(({ name, someArms, optional }) => [name, someArms, optional]) ?? null,
    ]),
  ).toEqual([
    [
      'Event',
      [
        ['kind', false, false],
        ['at', false, false],
        ['x', true, false],
        ['y', true, true],
      ],
    ],
    ['Kind', null],
    ['Listener', null],
  ])
})

test('a barrel stands for what it exports again', async () => {
  await using project = await domainProject({
    'index.ts': `export * from './task.ts'\nexport { type Bug as Defect } from './bug.ts'`,
    'task.ts': `export interface Task { id: string }`,
    'bug.ts': `export interface Bug { id: string }\nexport interface Inner { id: string }`,
  })
  const { types } = await extractTypes({ root: project.root, files: 'index.ts' })
  expect(types.map(({ name, exported, location }) => [name, exported, location.file])).toEqual([
    ['Defect', true, 'bug.ts'],
    ['Task', true, 'task.ts'],
  ])
})

test('what a file adds to another module can be tied by a tag', async () => {
  const { types, strayTags } = await modelOf(`import 'postgres'
declare module 'postgres' {
  /** @landfall-table tasks */
  interface TaskRow { id: string }
}
export interface Other { id: string }`)
  expect([types.map(({ name, exported, tags }) => [name, exported, tags.length]), strayTags]).toEqual([
    [
      ['TaskRow', false, 1],
      ['Other', true, 0],
    ],
    [],
  ])
})

test('null is seen whatever the tsconfig of the project says', async () => {
  await using project = await domainProject({
    'domain.ts': 'export interface Task { a: string | null }',
    'tsconfig.json': '{ "compilerOptions": { "strict": false, "strictNullChecks": false } }',
  })
  const model = await extractTypes({ root: project.root, files: '*.ts', tsconfig: 'tsconfig.json' })
  expect(typesOf(model, 'Task')).toEqual({ a: { kind: 'union', of: [{ kind: 'null' }, STRING] } })
})

test('properties of a zod schema are found where they are written, and converters are noted', async () => {
  const { types } = await modelOf(`import { z } from 'zod'
const base = { id: z.string() }
export const TaskSchema = z.object({
  ...base,
  /** @landfall-column due */
  dueAt: z.coerce.date(),
}).extend({ n: z.int().optional() })
export type Task = z.infer<typeof TaskSchema>
`)
  expect(types.map(({ name, kind, schema, properties }) => ({ name, kind, schema, properties }))).toEqual([
    {
      name: 'Task',
      kind: 'zod',
      schema: 'TaskSchema',
      properties: [
        property('id', STRING, 'z.string()', at(2, 16)),
        {
          ...property('dueAt', { kind: 'unknown' }, 'z.coerce.date()', at(6, 3)),
          output: { kind: 'named', name: 'Date' },
          tags: [{ name: 'column', argument: 'due', location: at(5, 7) }],
        },
        { ...property('n', { kind: 'primitive', name: 'number' }, 'z.int().optional()', at(7, 13)), optional: true },
      ],
    },
  ])
})

const refused = async (
  files: Readonly<Record<string, string>>,
  options: { files?: string; tsconfig?: string } = {},
) => {
  await using project = await domainProject(files)
  return await extractTypes({ root: project.root, files: 'domain.ts', ...options }).then(
    () => null,
    ({ kind, code, message, location, next }) => ({ kind, code, message, location, next }),
  )
}

test('a glob that matches nothing is an error that names it', async () => {
  expect(await refused({}, { files: 'src/**/*.domain.ts' })).toEqual({
    kind: 'usage',
    code: 'domain-files-missing',
    message: 'domain: no file matches "src/**/*.domain.ts"',
    location: null,
    next: expect.stringContaining('correct domain.files in landfall.config.ts'),
  })
})

test('a tsconfig that is named and missing, or broken, is an error', async () => {
  const next = 'correct domain.tsconfig in landfall.config.ts, or the file that it names'
  expect(await refused({ 'domain.ts': '' }, { tsconfig: 'tsconfig.build.json' })).toEqual({
    kind: 'usage',
    code: 'tsconfig-broken',
    message: 'domain: tsconfig.build.json: this tsconfig does not exist',
    location: { file: 'tsconfig.build.json', line: null, column: null },
    next,
  })
  expect(
    await refused({ 'domain.ts': '', 'tsconfig.json': '{ "extends": "./none.json" }' }, { tsconfig: 'tsconfig.json' }),
  ).toMatchObject({ code: 'tsconfig-broken', location: { file: 'tsconfig.json', line: null, column: null }, next })
})

test('a syntax error in the domain is an error at its line', async () => {
  expect(await refused({ 'domain.ts': 'export interface Task {\n  id: string\n  title: : string\n}' })).toEqual({
    kind: 'usage',
    code: 'domain-syntax-error',
    message: 'domain: domain.ts:3: Type expected.',
    location: { file: 'domain.ts', line: 3, column: 10 },
    next: 'correct the syntax error; nothing of the file was compared',
  })
})

test('an import that cannot be resolved is an error at its line, in the files that the domain imports too', async () => {
  expect(await refused({ 'domain.ts': `\nimport { z } from 'zood'\nexport type A = z.infer<typeof z>` })).toEqual({
    kind: 'usage',
    code: 'domain-import-unresolved',
    message: 'domain: domain.ts:2: cannot resolve the import "zood"',
    location: { file: 'domain.ts', line: 2, column: 19 },
    next: 'install it where the domain lives: npm install zood',
  })
  expect(
    await refused({
      'domain.ts': `export * from './task'`,
      'task.ts': `import type { A } from './gone.ts'\nexport type B = A`,
    }),
  ).toMatchObject({
    message: 'domain: task.ts:1: cannot resolve the import "./gone.ts"',
    next: 'correct the path of the import',
  })
})

test('domains that are asked for together share a program, and neither sees the other nor falls with it', async () => {
  await using project = await domainProject({
    'a.ts': 'export interface Task { id: Id }\ninterface Id { a: string }',
    'b.ts': 'export interface Task { id: Id }\ninterface Id { b: string }',
    'broken.ts': 'export interface {',
  })
  const read = await Promise.allSettled(
    ['a.ts', 'broken.ts', 'b.ts'].map((files) => extractTypes({ root: project.root, files })),
  )
  const idOf = (member: string): object => ({
    kind: 'object',
    name: 'Id',
    properties: [{ name: member, optional: false, type: STRING }],
    index: null,
  })
  expect(
    read.map((one) => (one.status === 'fulfilled' ? typesOf(one.value, 'Task') : (one.reason as Error).message)),
  ).toEqual([{ id: idOf('a') }, 'domain: broken.ts:1: Declaration or statement expected.', { id: idOf('b') }])
})
