import { expect, test } from 'vitest'
import { configOf, soundProject } from '../fixtures/project.ts'

const parity = (list: string): string => `import fc from 'fast-check'
import postgres from 'postgres'
import { defineParity, earlier } from 'landfall/checks'

interface Users {
  add(id: string, name: string): Promise<{ id: string }>
  rename(id: string, name: string): Promise<boolean>
  list(): Promise<string[]>
}

const id = fc.constantFrom('a', 'B', 'é')
const name = fc.constantFrom('Ada', "O'Hara")

export default defineParity<Users>({
  implementations: {
    memory: () => ({
      fresh() {
        const users = new Map<string, string>()
        return {
          add: async (key, text) => (users.set(key, text), { id: key }),
          rename: async (key, text) => users.has(key) && Boolean(users.set(key, text)),
          list: async () => [...users.keys()].toSorted(),
        }
      },
    }),
    postgres: async ({ database }) => {
      const sql = postgres((await database()).url, { max: 1 })
      return {
        fresh: () => ({
          async add(key, text) {
            await sql\`insert into users values (\${key}, \${text}) on conflict (id) do update set name = excluded.name\`
            return { id: key }
          },
          rename: async (key, text) => (await sql\`update users set name = \${text} where id = \${key}\`).count === 1,
          list: async () => (await sql\`${list}\`).map((row) => row['id'] as string),
        }),
        close: () => sql.end(),
      }
    },
  },
  operations: {
    add: [id, name],
    rename: [earlier('add', 'id', id), name],
    list: [],
  },
})
`
const right = 'select id from users order by id collate "C"'
const files = (list: string) => ({
  'landfall.config.ts': configOf({ migrations: 'sql', parity: ['store/*.parity.ts'] }),
  'store/users.parity.ts': parity(list),
})

test('two implementations that part ways fail the check: the calls, both answers, the seed, at the line', async () => {
  await using project = await soundProject(files('select id from users order by name, id collate "C" limit 3'))
  const { code, stdout, report } = await project.reported(['check', 'parity', '--seed', '3', '--runs', '20'])
  expect(code).toBe(1)
  expect(report.findings).toMatchObject([
    {
      rule: 'parity/differs',
      severity: 'error',
      check: 'parity',
      system: 'app',
      object: 'list',
      location: { file: 'store/users.parity.ts', line: 44 },
    },
  ])
  const lines = report.findings[0]!.message.split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/^memory and postgres part ways at list, in \[0\]$/) as string,
    expect.stringMatching(/^await add\('(a|B|é)', 'O\\'Hara'\)$/) as string,
    expect.stringMatching(/^await add\('(a|B|é)', 'Ada'\)$/) as string,
    'await list()',
    expect.stringMatching(/^memory {4}\['(a|B)', '(a|é)'\]$/) as string,
    expect.stringMatching(/^postgres {2}\['(a|é)', '(a|B)'\]$/) as string,
    'repeat: landfall check parity --system app --seed 3 --runs 20',
  ])
  expect(stdout).toContain('await list()')
})

test('a parity that cannot be used is exit 2', async () => {
  await using project = await soundProject({
    ...files(right),
    'store/users.parity.ts': parity(right).replaceAll('list: [],', 'lst: [],'),
  })
  const { code, stderr, report } = await project.reported(['check', 'parity'])
  expect([code, report.verdict]).toEqual([2, 'error'])
  expect(stderr).toContain('store/users.parity.ts: an implementation has no method lst')
})
