import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import type { Database } from '../../migrations/server/databases.ts'
import { parseParity, type Open, type ParityDefinition } from './define.ts'
import { earlier } from './earlier.ts'
import { byAppearance, without } from './normalise.ts'
import { tryParity, type ParityFact } from './try-parity.ts'
import { writtenSequence } from './written.ts'

/** Notes by id, and a counter: the smallest store in which calls depend on each other. */
interface Notes {
  readonly add: (text: string) => Promise<{ id: string; text: string; at: Date }>
  readonly read: (id: string) => Promise<string>
  readonly list: () => Promise<string[]>
  readonly count: (by: number) => Promise<number>
}

class Refused extends Error {
  override readonly name = 'Refused'
  readonly code = 'refused'
  readonly id: string
  constructor(id: string, message = 'no such note') {
    super(message)
    this.id = id
  }
}

/** A right implementation, and what is wrong with another one. */
const notes =
  (wrong: (right: Notes) => Partial<Notes> = () => ({})): Open<Notes> =>
  () => ({
    fresh({ now, newId }) {
      const texts = new Map<string, string>()
      let total = 0
      const right: Notes = {
        async add(text) {
          const id = newId()
          texts.set(id, text)
          return { id, text, at: now() }
        },
        async read(id) {
          if (!texts.has(id)) throw new Refused(id)
          return texts.get(id)!
        },
        list: async () => [...texts.values()].toSorted(),
        count: async (by) => (total += by),
      }
      return { ...right, ...wrong(right) }
    },
  })

const definition = (other: Open<Notes>, rest: Partial<ParityDefinition<Notes>> = {}): ParityDefinition<Notes> => ({
  implementations: { memory: notes(), other },
  operations: {
    add: [fc.constantFrom('a', 'b')],
    read: [earlier('add', 'id')],
    list: [],
    count: [fc.integer({ min: 1, max: 9 })],
  },
  errors: Refused,
  ...rest,
})

const noDatabase = (): Promise<Database> => Promise.reject(new Error('no database was asked for'))
const attempt = (parity: ParityDefinition<Notes>, seed = 1): Promise<Omit<ParityFact, 'file'>> =>
  tryParity({ parity: parseParity(parity), schema: 'public', clone: noDatabase, seed, runs: 40 })

test('two that are alike: the same time and the same ids, whatever they look at', async () => {
  const looksOften = notes(({ add }) => ({ add: async (text) => add(text) }))
  const fact = await attempt(definition(looksOften, { concurrent: ['add', 'read'] }))
  expect(fact).toMatchObject({ names: ['memory', 'other'], seed: 1, runs: 40, neverSucceeded: [], parting: null })
  expect(fact.calls).toBeGreaterThan(40 * 30)
})

test('a difference is told by the shortest sequence, the same for the same seed', async () => {
  const forgetsTheSecond = () => notes(({ list }) => ({ list: async () => (await list()).slice(0, 1) }))
  const { parting } = await attempt(definition(forgetsTheSecond()))
  expect(parting).toMatchObject({ kind: 'differs', call: 0 })
  expect(writtenSequence(parting!)).toEqual(["await add('a')", "await add('a')", 'await list()'])
  expect((await attempt(definition(forgetsTheSecond()))).parting).toEqual(parting)
})

test('what a call returned is named where a later one asks for it', async () => {
  const shouts = notes(({ read }) => ({ read: async (id) => (await read(id)).toUpperCase() }))
  const { parting } = await attempt(definition(shouts))
  expect(writtenSequence(parting!)).toEqual([
    expect.stringMatching(/^const add1 = await add\('[ab]'\)$/),
    'await read(add1.id)',
  ])
  expect([parting!.expected, parting!.answers.at(-1)]).toEqual([
    [{ kind: 'returned', value: expect.stringMatching(/[ab]/) as string }],
    [{ kind: 'returned', value: expect.stringMatching(/[AB]/) as string }],
  ])
})

test('errors differ by class and fields, not by message', async () => {
  const other = (error: (id: string) => Error) =>
    notes(({ read }) => ({
      async read(id) {
        try {
          return await read(id)
        } catch {
          throw error(id)
        }
      },
    }))
  expect((await attempt(definition(other((id) => new Refused(id, 'in other words'))))).parting).toBeNull()
  const fields = await attempt(definition(other((id) => new Refused(`${id}!`))))
  expect([fields.parting!.kind, fields.parting!.steps.length]).toEqual(['differs', 1])
  const untyped = await attempt(definition(other(() => new TypeError('x is undefined'))))
  expect([untyped.parting!.kind, untyped.parting!.steps.length]).toEqual(['untyped-error', 1])
})

test('ids of its own and times of its own are no difference where they are declared', async () => {
  const own = () =>
    notes(({ add, read }) => {
      const ids = new Map<string, string>()
      return {
        async add(text) {
          const note = await add(text)
          const id = crypto.randomUUID()
          ids.set(id, note.id)
          return { ...note, id, at: new Date() }
        },
        async read(id) {
          if (!ids.has(id)) throw new Refused(id)
          return read(ids.get(id)!)
        },
      }
    })
  expect((await attempt(definition(own()))).parting).not.toBeNull()
  const normalise = [byAppearance(), without('at')]
  expect((await attempt(definition(own(), { normalise }))).parting).toBeNull()
})

test('of two calls at once each is what it would be in one order of the two; a lost update is in none', async () => {
  const slowly = () =>
    notes(({ count }) => ({ count: async (by) => (await new Promise((done) => setImmediate(done)), count(by)) }))
  expect((await attempt(definition(slowly(), { concurrent: ['count'] }))).parting).toBeNull()
  const loses = (): Open<Notes> => () => ({
    fresh(surroundings) {
      const { fresh } = notes()({ database: () => Promise.reject(new Error('none')) }) as {
        fresh: (s: typeof surroundings) => Notes
      }
      let total = 0
      const count = async (by: number): Promise<number> => {
        const before = total
        await new Promise((done) => setImmediate(done))
        return (total = before + by)
      }
      return { ...fresh(surroundings), count }
    },
  })
  expect((await attempt(definition(loses()))).parting).toBeNull()
  const { parting } = await attempt(definition(loses(), { concurrent: ['count'] }))
  expect(writtenSequence(parting!)).toEqual(['await Promise.all([', '  count(1),', '  count(1),', '])'])
})

test('an operation that is only ever refused is named', async () => {
  const operations = { add: [fc.constant('a')], read: [fc.constant('no')], list: [], count: [fc.constant(1)] } as const
  expect((await attempt(definition(notes(), { operations }))).neverSucceeded).toEqual(['read'])
})

test('a call that never answers is told, when this process has waited for it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  try {
    const never = notes(() => ({ list: () => new Promise(() => {}) }))
    const told: string[] = []
    const attempted = attempt(definition(never)).then(({ parting }) => told.push(parting!.kind))
    while (told.length === 0) await vi.advanceTimersByTimeAsync(1000)
    await attempted
    expect(told).toEqual(['no-answer'])
  } finally {
    vi.useRealTimers()
  }
})

test.for<[string, Partial<ParityDefinition<Notes>>, string, string]>([
  ['an operation that is not there', { operations: { gone: [] } as never }, 'parity/no-method', 'gone'],
  ['a reference to none', { operations: { read: [earlier('ad', 'id')] } }, 'parity/unknown-operation', "earlier('ad')"],
  [
    'an implementation that cannot be opened',
    { implementations: { memory: notes(), other: () => Promise.reject(new Error('no way')) } },
    'parity/fails',
    'the implementation other cannot be opened: no way',
  ],
  [
    'one that cannot begin',
    { implementations: { memory: notes(), other: () => ({ fresh: () => Promise.reject(new Error('no rows')) }) } },
    'parity/fails',
    'the implementation other cannot begin: no rows',
  ],
  [
    'one that opens nothing',
    { implementations: { memory: notes(), other: (() => ({})) as never } },
    'parity/not-opened',
    '{ fresh }',
  ],
  [
    'a generator that throws',
    {
      operations: {
        add: [
          fc.constant(0).map((): string => {
            throw new Error('odd')
          }),
        ],
      },
    },
    'parity/generator-fails',
    'odd',
  ],
])('a parity that cannot be used is an error, and no difference: %s', async ([, wrong, code, text]) => {
  await expect(attempt(definition(notes(), wrong))).rejects.toMatchObject({
    kind: 'usage',
    code,
    message: expect.stringContaining(text) as string,
  })
})

test.for<[string, unknown, string]>([
  [
    'one implementation',
    { implementations: { memory: notes() }, operations: { list: [] } },
    'expected two implementations',
  ],
  ['no operation', { implementations: { a: notes(), b: notes() }, operations: {} }, 'expected at least one operation'],
  [
    'no generator',
    { implementations: { a: notes(), b: notes() }, operations: { add: ['a'] } },
    'expected a generator of fast-check',
  ],
  [
    'a concurrent operation that there is not',
    { implementations: { a: notes(), b: notes() }, operations: { list: [] }, concurrent: ['lst'] },
    'there is no operation "lst"',
  ],
  ['another key', { implementations: { a: notes(), b: notes() }, operations: { list: [] }, run: 5 }, 'run'],
])('a definition is checked: %s', ([, wrong, text]) => {
  expect(() => parseParity(wrong)).toThrow(text)
})

test('each sequence finds the rows that migrations have made, and no others', async () => {
  await using databases = await testDatabases()
  await using database = await databases.create()
  const owner = database.connect()
  await owner`create table kinds (id int generated always as identity primary key, name text, twice text generated always as (name || name) stored)`
  await owner`insert into kinds (name) values ('first')`
  await owner`create table things (id serial primary key, kind int not null references kinds)`
  await owner.end()
  interface Things {
    seen(): Promise<unknown>
    add(): Promise<number>
    rename(): Promise<void>
  }
  const memory: Open<Things> = () => ({
    fresh() {
      let [things, name] = [0, 'first']
      return {
        seen: async () => [things, name, name + name],
        add: async () => ++things,
        rename: async () => void (name += '!'),
      }
    },
  })
  const postgres: Open<Things> = async ({ database: own }) => {
    const { url } = await own()
    const { default: client } = await import('postgres')
    const sql = client(url, { max: 1, onnotice: () => {} })
    return {
      fresh: () => ({
        async seen() {
          const [row] = await sql`select (select count(*)::int from things) as things, name, twice from kinds`
          return [row!['things'], row!['name'], row!['twice']]
        },
        async add() {
          const [row] = await sql`insert into things (kind) select id from kinds returning id`
          return row!['id'] as number
        },
        rename: async () => void (await sql`update kinds set name = name || '!'`),
      }),
      close: () => sql.end(),
    }
  }
  const parity = parseParity({ implementations: { memory, postgres }, operations: { seen: [], add: [], rename: [] } })
  const fact = await tryParity({ parity, schema: 'public', clone: () => database.clone(), seed: 1, runs: 8 })
  expect(fact.parting).toBeNull()
})
