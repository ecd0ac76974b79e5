import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { freshDatabase } from '../fixtures/database.ts'
import type { Backfill } from './define.ts'
import type { JobPlace } from './run.ts'

/** For tests: a database with some tables, and a directory for source files. */
export interface Scenario extends AsyncDisposable {
  readonly sql: Sql
  readonly url: string
  readonly root: string
  readonly schema: string
  readonly system: string
  /** Writes a source file: text as it is, anything else as JSON. */
  write(name: string, content: unknown): Promise<void>
  at(job: Backfill): JobPlace
}

export async function scenario(ddl: string): Promise<Scenario> {
  const schema = 'shop'
  const database = await freshDatabase({ schema })
  const root = await mkdtemp(join(tmpdir(), 'landfall-backfill-'))
  await database.sql.unsafe(ddl)
  const { sql, url } = database
  return {
    sql,
    url,
    root,
    schema,
    system: 'app',
    write: (name, content) => writeFile(join(root, name), typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content)),
    at: (job) => ({ url, schema, root, system: 'app', job }),
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true })
      await database[Symbol.asyncDispose]()
    },
  }
}
