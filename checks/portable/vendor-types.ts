/** What is wrong with a type, and what to write instead; null for the types that are the same in both databases. */
export interface TypeVerdict {
  readonly rule: 'portable/vendor-type' | 'portable/type-differs'
  readonly why: string
  readonly instead: string
}

const vendor = (why: string, instead: string): TypeVerdict => ({ rule: 'portable/vendor-type', why, instead })
const differs = (why: string, instead: string): TypeVerdict => ({ rule: 'portable/type-differs', why, instead })

const TIME = vendor('SQLite has no times', 'bigint for milliseconds since 1970, or text in ISO 8601')
const JSON_TYPE = vendor('SQLite has no JSON type', 'text, with the JSON as text')
const SERIAL = vendor('SQLite has no sequences', 'text for ids that the application makes, or an integer that it gives')

/** By PostgreSQL's name, as its parser writes it. */
const VERDICTS: Readonly<Record<string, TypeVerdict | null>> = {
  text: null,
  int2: null,
  int4: null,
  int8: null,
  float8: null,
  jsonb: JSON_TYPE,
  json: JSON_TYPE,
  uuid: vendor('SQLite has no uuid', 'text'),
  bytea: vendor('SQLite calls bytes blob, and PostgreSQL does not', 'text in base64 or hex'),
  timestamptz: TIME,
  timestamp: TIME,
  timetz: TIME,
  time: TIME,
  date: TIME,
  interval: vendor('SQLite has no intervals', 'bigint for milliseconds'),
  serial: SERIAL,
  serial4: SERIAL,
  bigserial: SERIAL,
  serial8: SERIAL,
  smallserial: SERIAL,
  serial2: SERIAL,
  bool: differs('SQLite keeps and gives back 0 and 1', 'integer with check (… in (0, 1))'),
  numeric: differs('SQLite keeps a rounded floating-point number', 'bigint of the smallest unit, or text'),
  varchar: differs('SQLite keeps texts of any length', 'text with check (length(…) <= n)'),
  bpchar: differs('SQLite keeps texts of any length, and pads none', 'text with check (length(…) = n)'),
  float4: differs('SQLite keeps 64 bits, PostgreSQL 32', 'double precision'),
}

/** The verdict on a type; one that is in neither list is PostgreSQL's own, or the migrations'. */
export function judgeType(name: string, array: boolean): TypeVerdict | null {
  if (array) return vendor('SQLite has no arrays', 'text, with the list as JSON; or a table of its own')
  const verdict = VERDICTS[name]
  return verdict === undefined ? vendor(`SQLite has no ${name}`, 'text') : verdict
}
