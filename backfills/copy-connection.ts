import { once } from 'node:events'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from, to } from 'pg-copy-streams'
import { asEnvironmentError, sessionSettings, type Place } from './database.ts'
import type { Sessions } from './sessions.ts'

/** The fields of a server error that a reject is made of. */
export interface DatabaseError extends Error {
  readonly code?: string
  readonly where?: string
  readonly detail?: string
  readonly constraint?: string
}

const CHUNK = 64 * 1024
/** As much as a turn of the event loop may have to last for while records are parsed beside it. */
const PACKED_CHUNK = 512 * 1024
/** Signature, no flags, no extension. */
const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
const TRAILER = Buffer.from([0xff, 0xff])

/** Values come as text: nothing is parsed on the way to the journal. */
const asText = { getTypeParser: () => (value: string) => value } as unknown as pg.CustomTypesConfig

/**
 * One session that can COPY. This is the only file with `pg`: data, journal and checkpoint share a transaction, and
 * a COPY that the server rejects never settles in postgres.js.
 */
export class CopyConnection implements AsyncDisposable {
  readonly #client: pg.Client
  readonly #sessions: Sessions | undefined
  #closed = false

  private constructor(client: pg.Client, sessions: Sessions | undefined) {
    this.#client = client
    this.#sessions = sessions
  }

  /** @throws {LandfallError} `environment` */
  static async open({ url, schema, sessions }: Place): Promise<CopyConnection> {
    const lent = sessions?.takeClient()
    if (lent !== undefined) return new CopyConnection(lent, sessions)
    const options = Object.entries(sessionSettings(schema))
      .map(([name, value]) => `-c ${name}=${value.replace(/[\\ ]/g, '\\$&')}`)
      .join(' ')
    const client = new pg.Client({ connectionString: url, options, types: asText, connectionTimeoutMillis: 10_000 })
    client.on('error', () => {}) // the next statement fails with it
    try {
      await client.connect()
    } catch (error) {
      throw asEnvironmentError(error)
    }
    return new CopyConnection(client, sessions)
  }

  /** Rows as objects of texts; parameters are values, never SQL. */
  async query(text: string, values: readonly unknown[] = []): Promise<Record<string, string | null>[]> {
    const { rows } = await this.#client.query<Record<string, string | null>>(text, [...values])
    return rows
  }

  /** Sends lines of COPY's text format, each with its line end; answers how many rows came to be. */
  async copy(statement: string, lines: Iterable<string>): Promise<number> {
    const stream = this.#client.query(from(statement))
    const failed = once(stream, 'finish') // rejects on 'error', which may come while lines are still on their way
    failed.catch(() => {})
    let buffer = ''
    let broken = false
    stream.once('error', () => (broken = true))
    for (const line of lines) {
      buffer += line
      if (buffer.length < CHUNK) continue
      if (broken) break
      if (!stream.write(buffer)) await Promise.race([once(stream, 'drain'), failed])
      buffer = ''
    }
    if (!broken) stream.end(buffer)
    await failed
    return stream.rowCount
  }

  /** Sends rows of COPY's binary format; answers how many came to be. */
  async copyPacked(statement: string, rows: Buffer): Promise<number> {
    const stream = this.#client.query(from(statement))
    const failed = once(stream, 'finish')
    failed.catch(() => {})
    const refused = { yet: false }
    stream.once('error', () => (refused.yet = true))
    stream.write(SIGNATURE)
    for (let at = 0; at < rows.length && !refused.yet; at += PACKED_CHUNK)
      if (!stream.write(rows.subarray(at, at + PACKED_CHUNK))) await Promise.race([once(stream, 'drain'), failed])
    if (!refused.yet) stream.end(TRAILER)
    await failed
    return stream.rowCount
  }

  /** Sends what `read` copies out of this session into `write` of another. */
  async pipe(read: string, other: CopyConnection, write: string): Promise<void> {
    await pipeline(this.#client.query(to(read)), other.#client.query(from(write)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#sessions === undefined) await this.#client.end().catch(() => {})
    else await this.#sessions.giveClient(this.#client)
  }
}
