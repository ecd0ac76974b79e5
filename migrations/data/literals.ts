import type { Spoken } from './constants.ts'
import type { ValueType } from './tables.ts'

const LONG = `Zażółć gęślą jaźń, ${'the quick brown fox jumps over the lazy dog. '.repeat(7)}`
const WORDS = [
  'Grüße, world',
  'alpha',
  LONG,
  'beta',
  'gamma',
  'delta',
  'epsilon',
  'zeta',
  'eta',
  'theta',
  'iota',
  'kappa',
]
const BROKEN = ['12.3456789', '0.1234567891234', '1', '-3.25', '2.5', '3', '4', '5', '6', '7', '8', '9']
const DATES = [
  '2001-02-03',
  '2014-12-31',
  '1969-07-20',
  '2024-02-29',
  '2030-01-01',
  '2001-02-04',
  '2001-02-05',
  '2001-02-06',
  '2001-02-07',
]
const TIMES = ['04:05:06.789012', '23:59:59', '00:00:00', '12:30:00.5', '13:00', '14:00', '15:00', '16:00', '17:00']
const JSONS = [
  '{"a": 1, "b": [true, null, "x"]}',
  '[]',
  '{}',
  '[{"c": "d"}]',
  '"text"',
  '1',
  'true',
  '{"e": 2}',
  '{"f": 3}',
  '{"g": 4}',
]

const numbered = (from: number, make: (n: number) => string): string[] =>
  Array.from({ length: 12 }, (_, n) => make(from + n))

// Large ones first: a script that inserts rows of its own begins at 1.
const WHOLE = [...numbered(31_001, String), '7', '-3', '1', '0']
const WIDE = [...numbered(70_001, String), ...WHOLE]

/** The text that makes a value, by `pg_type.typname`; the first ones lose the most when they are narrowed. */
const BASE: Readonly<Record<string, readonly string[]>> = {
  bool: ['true', 'false'],
  int2: WHOLE,
  int4: ['70001', '2000000011', ...WIDE],
  int8: ['70001', '9007199254740993', ...WIDE],
  numeric: ['1234.56789', ...BROKEN],
  float4: BROKEN,
  float8: BROKEN,
  money: ['12.34', '-5.60', '7', '8', '9', '10', '11', '12'],
  text: WORDS,
  varchar: WORDS,
  bpchar: [...WORDS, ...'abcdefghij'],
  citext: WORDS,
  name: WORDS,
  char: [...'abcdefghijk'],
  uuid: numbered(1, (n) => `0191f5c4-7d2a-7c3e-9b1f-${String(n).padStart(12, '0')}`),
  date: DATES,
  time: TIMES,
  timetz: TIMES.map((time) => `${time}+02`),
  timestamp: DATES.map((date, n) => `${date} ${TIMES[n]!}`),
  timestamptz: DATES.map((date, n) => `${date} ${TIMES[n]!}+02`),
  interval: ['1 year 2 mons 3 days 04:05:06.789', '7 days', '00:00:01', ...numbered(1, (n) => `${n} hours`)],
  bytea: ['\\xdeadbeef00', '\\x', ...numbered(10, (n) => `\\x${n}`)],
  inet: numbered(1, (n) => `192.0.2.${n}/28`),
  cidr: numbered(1, (n) => `192.0.${n}.0/24`),
  macaddr: numbered(10, (n) => `08:00:2b:01:02:${n}`),
  macaddr8: numbered(10, (n) => `08:00:2b:01:02:03:04:${n}`),
  json: JSONS,
  jsonb: JSONS,
  xml: ['<a><b>c</b></a>', '<d/>', ...numbered(1, (n) => `<e>${n}</e>`)],
  bit: ['1', '0', ...numbered(1, (n) => n.toString(2))],
  varbit: ['10110', '1', ...numbered(1, (n) => n.toString(2))],
  point: numbered(1, (n) => `(${n}.5,2)`),
  line: numbered(1, (n) => `{${n},2,3}`),
  lseg: numbered(1, (n) => `[(0,0),(${n},1)]`),
  box: numbered(1, (n) => `(${n},2),(0,0)`),
  path: numbered(1, (n) => `[(0,0),(${n},1)]`),
  polygon: numbered(1, (n) => `((0,0),(${n},1),(1,0))`),
  circle: numbered(1, (n) => `<(0,0),${n}>`),
  tsvector: ["'brown':2 'fox':3", ...numbered(1, (n) => `'w${n}':1`)],
  tsquery: ["'brown' & 'fox'", ...numbered(1, (n) => `'w${n}'`)],
  pg_lsn: numbered(1, (n) => `0/${n}`),
  oid: WHOLE,
  xid8: WHOLE,
  regclass: ['pg_class', 'pg_type'],
  regtype: ['integer', 'text'],
  hstore: ['a=>1', ...numbered(1, (n) => `k=>${n}`)],
  ltree: ['a.b.c', ...numbered(1, (n) => `a.n${n}`)],
  vector: ['[1,2,3]'],
  geometry: numbered(1, (n) => `POINT(${n} 2)`),
  geography: numbered(1, (n) => `POINT(${n} 2)`),
}

/** Texts of common shapes, for a check that matches a pattern. */
const SHAPES = [
  'user@example.com',
  'https://example.com/a',
  'a',
  'ab',
  'abc',
  'abc-def',
  'abc_def',
  'abc.def',
  'A',
  'AB',
  'ABC',
  'EUR',
  'en',
  'en-US',
  '1',
  '12',
  '123',
  '1234',
  '12345',
  '+14155550123',
  '2001-02-03',
  '12:30',
  '1.2.3',
  'v1.2.3',
  '#a1b2c3',
  '127.0.0.1',
  'ABC-123',
  'A1',
  'a1',
  'd41d8cd98f00b204e9800998ecf8427e',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:e3b0c442',
  '0191f5c4-7d2a-7c3e-9b1f-000000000001',
  '/a/b',
  'a/b',
  'Hello World',
  'hello@world',
  '0x1f',
  'abc123',
  'ABC123',
  '12345-6789',
]
const ANY = ['1', 'a', '(0,0)', '{}', '', '0/1', '1.0', '{1}', 'true']
const NUMBERS = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8', 'money', 'oid'])
const LONGEST = 4000

/**
 * Texts that may make values of a type, best first; whether they do is for the server to say. What a check speaks
 * of comes before what is usual.
 */
export function literalsOf(
  type: ValueType,
  modifier: number,
  types: ReadonlyMap<string, ValueType>,
  spoken: readonly Spoken[] = [],
): string[] {
  const part = (id: string | null, mod = -1): string[] => {
    const of = id === null ? undefined : types.get(id)
    return of ? literalsOf(of, mod, types, spoken) : []
  }
  if (type.array) {
    const elements = part(type.of, modifier)
    const lists = [
      elements.slice(0, 2),
      [],
      elements.slice(1, 2),
      elements.slice(0, 3),
      ...elements.slice(2, 10).map((one) => [one]),
    ]
    return lists.map((list) => `{${list.map(quoted).join(',')}}`)
  }
  if (type.kind === 'e') return [...type.labels]
  if (type.kind === 'd') return part(type.of, type.modifier)
  if (type.kind === 'c') {
    const attributes = type.attributes.map(({ type: id, modifier: mod }) => part(id, mod))
    return Array.from(
      { length: 8 },
      (_, n) => `(${attributes.map((of) => (of.length === 0 ? '' : quoted(of[n % of.length]!))).join(',')})`,
    )
  }
  if (type.kind === 'r' || type.kind === 'm') {
    const ends = part(type.of)
    const ranges = ends.slice(0, 6).flatMap((from) => ends.slice(0, 6).map((to) => `[${quoted(from)},${quoted(to)})`))
    return type.kind === 'r' ? ranges : ranges.map((range) => `{${range}}`)
  }
  return [
    ...new Set([
      ...saidOf(type, spoken),
      ...fitting(type, modifier),
      ...(spoken.some(({ patterns }) => patterns) ? SHAPES : []),
    ]),
  ]
}

/** Literals whose values the type alone closes: every one of them should stand in some row. */
export const isClosed = (type: ValueType, types: ReadonlyMap<string, ValueType>): boolean =>
  type.kind === 'e' ||
  type.name === 'bool' ||
  (type.kind === 'd' && type.of !== null && isClosed(types.get(type.of)!, types))

function saidOf({ name }: ValueType, spoken: readonly Spoken[]): string[] {
  const numbers = spoken.flatMap((of) => [...of.numbers, ...of.texts.filter((text) => /^-?\d+(\.\d+)?$/.test(text))])
  const texts = spoken.flatMap((of) => of.texts)
  if (NUMBERS.has(name)) return numbers.flatMap((n) => [n, String(Number(n) + 1), String(Number(n) - 1)])
  if (name === 'json' || name === 'jsonb') {
    return texts
      .flatMap((text) => [JSON.stringify({ [text]: 'x' }), JSON.stringify({ [text]: 1 })])
      .concat(texts.length > 1 ? [JSON.stringify(Object.fromEntries(texts.map((text) => [text, 'x'])))] : [])
  }
  const lengths = numbers.map(Number).filter((n) => Number.isInteger(n) && n > 0 && n <= LONGEST)
  const sized =
    name === 'bytea'
      ? lengths.flatMap((length) => numbered(16, (n) => `\\x${n.toString(16).repeat(length)}`))
      : lengths.flatMap((n) => [...numbered(0, (shift) => ofLength(n, shift)), ofLength(n + 1), ofLength(n - 1)])
  return [...texts, ...texts.filter((text) => /[%_]/.test(text)).map((like) => like.replaceAll(/[%_]/g, 'x')), ...sized]
}

/** The usual literals, cut to the length that the modifier allows. */
function fitting({ name }: ValueType, modifier: number): string[] {
  const usual = BASE[name] ?? ANY
  if (modifier < 0) return [...usual]
  if (name === 'varchar' || name === 'bpchar') {
    const length = Math.min(modifier - 4, 1000)
    return [ofLength(length), ...usual.map((text) => [...text].slice(0, length).join(''))]
  }
  if (name === 'bit') return usual.map((bits) => bits.padStart(modifier, '0'))
  if (name === 'vector') return [`[${Array.from({ length: modifier }, (_, n) => n + 0.5).join(',')}]`]
  return [...usual]
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Texts of one length that differ by their shift. */
const ofLength = (length: number, shift = 0): string =>
  LETTERS.repeat(Math.ceil(Math.max(0, length + shift) / LETTERS.length)).slice(shift, shift + Math.max(0, length))

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
