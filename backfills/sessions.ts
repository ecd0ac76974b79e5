import type pg from 'pg'
import type { Sql } from 'postgres'

/**
 * Sessions that are used one after the other, each as if it were new: opening one costs more than all that a small job
 * does with it. Whoever made them closes them.
 */
export class Sessions implements AsyncDisposable {
  readonly #sql: Sql[] = []
  readonly #clients: pg.Client[] = []

  takeSql(): Sql | undefined {
    return this.#sql.pop()
  }

  takeClient(): pg.Client | undefined {
    return this.#clients.pop()
  }

  async giveSql(sql: Sql): Promise<void> {
    const whole = isUnused(sql) || (await sql.unsafe(AS_NEW).then(...SUCCESS))
    if (whole) this.#sql.push(sql)
    else await sql.end({ timeout: 1 })
  }

  async giveClient(client: pg.Client): Promise<void> {
    const whole = await client.query(AS_NEW).then(...SUCCESS)
    if (whole) this.#clients.push(client)
    else await client.end().catch(() => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      ...this.#sql.splice(0).map((sql) => sql.end({ timeout: 1 })),
      ...this.#clients.splice(0).map((client) => client.end().catch(() => {})),
    ])
  }
}

/** postgres.js connects when it is asked something first: the server tells its parameters then. */
const isUnused = (sql: Sql): boolean => Object.keys(sql.parameters).length === 0

/** What a session has of its own: an open transaction, temporary tables, locks. */
const AS_NEW = 'rollback; discard temp; select pg_advisory_unlock_all()'

const SUCCESS = [() => true, () => false] as const
