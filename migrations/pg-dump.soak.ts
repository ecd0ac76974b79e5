import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judged } from '../fixtures/pg-dump.ts'
import { readMigrations } from './layouts/read.ts'
import { groundFor } from './replay.ts'
import { openDatabases, type Databases } from './server/databases.ts'
import type { FreshServer } from './server/server.ts'
import { startTestcontainers } from './server/testcontainers.ts'
import { migrationsSettings } from './settings.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
const root = fileURLToPath(new URL('../', import.meta.url))

let server: FreshServer
let databases: Databases
beforeAll(async () => {
  server = await startTestcontainers('postgres:18', 'soak', null)
  databases = await openDatabases(server)
}, 120_000)
afterAll(async () => {
  await databases[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const PRELUDES: Readonly<Record<string, string>> = { aigentflow: 'fixtures/systems/aigentflow/roles.sql' }

test.for(['design-log', 'workspace', 'mission-control', 'idea-lab', 'aigentflow'])(
  'pg_dump agrees on every migration of %s that its down script restores the schema',
  async (system) => {
    const { migrations } = await readMigrations(root, migrationsSettings.parse(`migrations/sql/${system}`))
    const schema = system.replace('-', '_')
    await using database = await groundFor({ databases, schema, prelude: PRELUDES[system] ?? null, root })
    expect(await judged(server, database, schema, migrations)).toEqual(
      migrations.map(({ version }) => ({ migration: version, identical: true, dump: true })),
    )
  },
)
