import postgres, { type Sql } from 'postgres'
import { LandfallError, messageOf } from '../migrations/error.ts'
import { OWN_ARRAYS } from '../migrations/server/array-types.ts'
import type { Sessions } from './sessions.ts'

/** A database, and the schema in which the tables of a system live. */
export interface Place {
  readonly url: string
  readonly schema: string
  /** Sessions of this database that are open already; without them each use opens its own. */
  readonly sessions?: Sessions
}

/** Settings under which a value has one text, whatever the server or the role prefer. */
export const sessionSettings = (schema: string): Readonly<Record<string, string>> => ({
  search_path: `"${schema.replaceAll('"', '""')}",public`,
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  application_name: 'landfall backfill',
})

/** Connects with postgres.js; `await using` closes it, or gives it back. */
export function connect(place: Place): Sql & AsyncDisposable {
  const { sessions } = place
  if (sessions === undefined) {
    const own = open(place)
    return Object.assign(own, { [Symbol.asyncDispose]: () => own.end({ timeout: 5 }) })
  }
  const lent = sessions.takeSql() ?? open(place, REPEATED)
  return Object.assign(lent.bind(null), lent, { [Symbol.asyncDispose]: () => sessions.giveSql(lent) })
}

/**
 * The same, and what was lost stays lost: for what holds a lock or transactions, and for what looks on beside a run.
 * postgres.js connects again in silence, with neither of them, and a question that was on its way then may never be answered.
 */
export function connectOnce(place: Place): Sql & AsyncDisposable {
  if (place.sessions !== undefined) return connect(place)
  const own: Sql = open(place, ONCE, () => void own.end({ timeout: 0 }))
  return Object.assign(own, { [Symbol.asyncDispose]: () => own.end({ timeout: 5 }) })
}

/** A pooler may give each transaction another session. */
const ONCE = { prepare: false, settings: {} }

/** Statements are planned once and not at every use. */
const REPEATED = { prepare: true, settings: { plan_cache_mode: 'force_generic_plan' } }

const open = (
  { url, schema }: Place,
  { prepare, settings }: typeof REPEATED | typeof ONCE = ONCE,
  onclose: () => void = () => {},
): Sql =>
  attempt(() =>
    postgres(url, {
      max: 1,
      prepare,
      ...OWN_ARRAYS,
      connection: { ...sessionSettings(schema), ...settings },
      onnotice: () => {},
      onclose,
      connect_timeout: 10,
      max_lifetime: null, // else it is closed after half an hour, and the lock that it holds with it
    }),
  )

/** Runs `work`; what is wrong with the connection, and not with the work, becomes an `environment` error. */
export async function reaching<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw asEnvironmentError(error)
  }
}

const CONNECTION_CODES = /^(E[A-Z]+|CONNECT.*|CONNECTION_.*|08.{3}|28.{3}|3D000|53300|57P0.)$/

/** An error of the connection as a `LandfallError`, without a password; any other error as it is. */
export function asEnvironmentError(error: unknown): unknown {
  const code = codeOf(error)
  const lost =
    (code !== null && CONNECTION_CODES.test(code)) ||
    /^Connection terminated|^Client .* not queryable/.test(messageOf(error))
  if (error instanceof LandfallError || !lost) return error
  return new LandfallError(
    'environment',
    'backfills/cannot-connect',
    `cannot reach the database: ${messageOf(error)}`,
    {
      next: 'check that the server runs, and host, port, database, user and password of the URL',
      fields: { code },
    },
  )
}

const codeOf = (error: unknown): string | null => {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown[] }
  return typeof code === 'string' ? code : Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : null
}

function attempt<T>(open: () => T): T {
  try {
    return open()
  } catch {
    throw new LandfallError('usage', 'backfills/invalid-url', 'the database URL is not a PostgreSQL URL', {
      next: 'write it as postgres://user:password@host:5432/database',
    })
  }
}
