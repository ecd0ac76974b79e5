import { expect, test } from 'vitest'
import { domainProject } from '../../fixtures/drift.ts'
import { type DetectedProfile as Detected, detectProfile } from './detect-profile.ts'

const detected = async (
  dependencies: readonly string[] | null,
  { profile, files = {} }: { profile?: 'pg'; files?: Record<string, string> } = {},
): Promise<Detected> => {
  const manifest = { dependencies: Object.fromEntries((dependencies ?? []).map((name) => [name, '1'])) }
  await using project = await domainProject({
    'domain.ts': '',
    ...(dependencies === null ? {} : { 'package.json': JSON.stringify(manifest) }),
    ...files,
  })
  return await detectProfile(project.root, { files: 'domain.ts', profile, names: undefined })
}

test('the driver is the one that the package depends on, unless the config names it or two are possible', async () => {
  const asked = [
    detected(['postgres']),
    detected(['pg', 'drizzle-orm']),
    detected(['postgres', 'drizzle-orm']),
    detected(['pg', 'postgres']),
    detected([]),
    detected(null),
    detected(['postgres', 'drizzle-orm'], { profile: 'pg' }),
  ]
  const names = ['postgres', 'pg', 'drizzle', 'postgres', 'postgres', 'postgres', 'pg']
  expect(await Promise.all(asked)).toEqual(names.map((profile) => ({ profile, names: 'camel', because: [] })))
})

test('the code around the domain says more than the package: what it opens, and what it parses by itself', async () => {
  const profileWith = async (files: Record<string, string>): Promise<unknown> => {
    const { names: _, ...found } = await detected(['pg', 'postgres', 'drizzle-orm'], { files })
    return found
  }
  const client = (options: string): Record<string, string> => ({
    'db.ts': `import postgres from 'postgres'\nexport const sql = postgres(process.env.URL!, ${options})`,
  })
  const none: string[] = []
  expect([
    await profileWith({ 'db.ts': "import { Pool } from 'pg'\nnew Pool()" }),
    await profileWith({ 'db.cjs': "const { Pool } = require('pg')" }),
    await profileWith({ 'db.ts': "import type { Sql } from 'postgres'\nimport { Pool } from 'pg'" }),
    await profileWith({ 'db.test.ts': "import { Pool } from 'pg'" }),
    await profileWith({
      'db.ts': "import postgres from 'postgres'\nimport { drizzle } from 'drizzle-orm/postgres-js'",
    }),
    await profileWith({
      'db.ts': "import pg from 'pg'\npg.types.setTypeParser(pg.types.builtins.NUMERIC, parseFloat)",
    }),
    await profileWith({ 'db.ts': "import pg from 'pg'\npg.defaults.parseInt8 = true" }),
    await profileWith(client('{ types: { bigint: postgres.BigInt } }')),
    await profileWith(client('{ fetch_types: false }')),
    await profileWith(client('{ types: { days: { to: 1184, from: [1082, 1_114], parse: (text: string) => text } } }')),
    await profileWith(client('{ types: { money: { to: 0, from: [790], parse: (text: string) => toMoney(text) } } }')),
    await profileWith({
      ...client('{ types: { bigint: postgres.BigInt } }'),
      'other.ts': "import sql from 'postgres'\nsql()",
    }),
  ]).toEqual([
    { profile: 'pg', because: none },
    { profile: 'pg', because: none },
    { profile: 'pg', because: none },
    { profile: 'postgres', because: none },
    { profile: 'drizzle', because: none },
    { profile: { extends: 'pg', types: { numeric: 'number' } }, because: ['numeric as number (db.ts:2)'] },
    { profile: { extends: 'pg', types: { int8: 'number' } }, because: ['int8 as number (db.ts:2)'] },
    { profile: { extends: 'postgres', types: { int8: 'bigint' } }, because: ['int8 as bigint (db.ts:2)'] },
    { profile: { extends: 'postgres', types: { '[]': 'string' } }, because: ['arrays as string (db.ts:2)'] },
    {
      profile: { extends: 'postgres', types: { date: 'string', timestamp: 'string' } },
      because: ['date as string (db.ts:2)', 'timestamp as string (db.ts:2)'],
    },
    { profile: { extends: 'postgres', types: { money: 'any' } }, because: ['money as any (db.ts:2)'] },
    { profile: { extends: 'postgres', types: { int8: 'any' } }, because: ['int8 as any (db.ts:2)'] },
  ])
})

test('columns are named as all clients of the code transform them', async () => {
  const namesWith = async (...options: string[]): Promise<unknown> => {
    const client = (one: string, index: number): string => `export const sql${index} = postgres('', ${one})`
    const db = ["import postgres, { toKebab } from 'postgres'", 'const own = postgres.pascal', ...options.map(client)]
    const { names, because } = await detected([], { files: { 'db.ts': db.join('\n') } })
    return [names, ...because]
  }
  const camel = '{ transform: postgres.camel }'
  expect([
    await namesWith(camel),
    await namesWith('{ transform: own }'),
    await namesWith('{ transform: { ...postgres.pascal, undefined: null } }'),
    await namesWith('{ transform: { column: postgres.toPascal } }'),
    await namesWith('{ transform: { column: { from: toKebab, to: postgres.fromKebab } } }'),
    // Only the way back, a function of the team's own, and clients that differ.
    await namesWith('{ transform: postgres.fromPascal }'),
    await namesWith('{ transform: { column: (name: string) => name.toUpperCase() } }'),
    await namesWith('{ transform: postgres.pascal }', camel),
    await namesWith('{ transform: postgres.pascal }', '{}'),
  ]).toEqual([
    ['camel'],
    ['pascal', 'columns in pascal case (db.ts)'],
    ['pascal', 'columns in pascal case (db.ts)'],
    ['pascal', 'columns in pascal case (db.ts)'],
    ['kebab', 'columns in kebab case (db.ts)'],
    ['camel'],
    ['camel'],
    ['camel'],
    ['camel'],
  ])
})
