import { postgresJs } from './postgres-js.ts'
import type { DriverMapping } from './profiles.ts'

const AS_TEXT: ReadonlySet<string> = new Set(['timestamptz', 'timestamp', 'date', 'time'])
const ARRAYS_AS_TEXT: ReadonlySet<string> = new Set(['timestamptz', 'timestamp', 'date', 'numeric'])

/** `drizzle-orm` over `postgres`: it takes the parsers of dates, and of some arrays, off the client that it is given. */
export const drizzle: DriverMapping = {
  ...postgresJs,
  scalars: Object.fromEntries(Object.entries(postgresJs.scalars).filter(([type]) => !AS_TEXT.has(type))),
  arrayOf: (column, scalars) =>
    ARRAYS_AS_TEXT.has(column.baseType) ? { element: 'string', array: false } : postgresJs.arrayOf(column, scalars),
}
