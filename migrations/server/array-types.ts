import { parse } from 'postgres-array'

type Value = string | number | boolean | Date | object

/** By the numbers of their types, which never change (`pg_type.dat`): as postgres.js gives single ones. */
const ELEMENTS: readonly (readonly [of: readonly number[], parse: (text: string) => Value])[] = [
  // text, varchar, bpchar, name, "char", int8, numeric, uuid, tid, regclass
  [[1009, 1015, 1014, 1003, 1002, 1016, 1231, 2951, 1010, 2210], String],
  // int2, int4, oid, float4, float8
  [[1005, 1007, 1028, 1021, 1022], Number],
  // bool
  [[1000], (text) => text === 't'],
  // json, jsonb
  [[199, 3807], (text) => JSON.parse(text) as object],
  // date, timestamp, timestamptz
  [[1182, 1115, 1185], (text) => new Date(text)],
]

const quoted = (value: unknown): string =>
  value === null ? 'null' : `"${String(value).replaceAll(/[\\"]/g, String.raw`\$&`)}"`

/**
 * Options of postgres.js for a client that knows arrays of PostgreSQL's own types, each of one dimension when sent; those
 * of other types arrive as text. Without them it asks every database for all of its types, which takes as long as to connect.
 */
export const OWN_ARRAYS = {
  fetch_types: false,
  types: Object.fromEntries(
    ELEMENTS.flatMap(([oids, element]) =>
      oids.map((oid) => [
        `array${oid}`,
        {
          to: oid,
          from: [oid],
          parse: (text: string) => parse(text, element),
          // What is an array literal already is left as it is.
          serialize: (value: unknown) => (Array.isArray(value) ? `{${value.map(quoted).join()}}` : value),
        },
      ]),
    ),
  ),
}
