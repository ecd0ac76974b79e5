import type { RuleId } from '../rules.ts'
import {
  columnOf,
  declaration,
  isWritten,
  type Judgement,
  type Meeting,
  type Outcome,
  shown,
  subjectOf,
} from './judgement.ts'
import { jsonTrouble } from './json-shape.ts'
import type { DriverType } from './profiles.ts'
import { retyping } from './new-column.ts'
import { notationOf } from './written-type.ts'
import { hasNull, type TsType, unionOf, valueArms } from './type-model.ts'

/** Whether what the driver hands over is what the type says. */
export function judgeRepresentation(meeting: Meeting): Outcome {
  const { property, facts, profile } = meeting
  const arrival = profile.arrival(facts.column)
  const arms = valueArms(property.type)
  const kinds = new Set(arms.map(({ kind }) => kind))
  if (kinds.has('unresolved')) return unchecked(meeting, 'drift/unresolved-type', 'cannot be resolved')
  if (arrival.element === 'any') return CHECKED // the team's own parser makes something of it that is not told
  if (kinds.has('any')) return arrival.element === 'json' ? CHECKED : unchecked(meeting, 'drift/any-type', 'is any')
  // A schema's converter takes the value over, as long as one of its ends fits.
  if (property.output !== null) {
    const ends = [property.type, property.output].flatMap((type) => valueArms(type))
    if (kinds.has('unknown') || ends.some((arm) => arrives(meeting, arm))) return CHECKED
  }
  if (kinds.has('unknown')) {
    return arrival.element === 'json' ? CHECKED : { judgements: [tooWide(meeting)], checked: true }
  }
  const judgements = arrival.array ? judgeArray(meeting, arms) : judgeValue(meeting, arms)
  return { judgements, checked: true }
}

const CHECKED: Outcome = { judgements: [], checked: true }

function unchecked(meeting: Meeting, rule: RuleId, what: string): Outcome {
  const message = `${subjectOf(meeting)} ${what}: ${columnOf(meeting)} is not compared with anything`
  return {
    judgements: [{ rule, message, fix: { typescript: expectedDeclaration(meeting), sql: null } }],
    checked: false,
  }
}

const tooWide = (meeting: Meeting): Judgement => ({
  rule: 'drift/too-wide',
  message: `${subjectOf(meeting)} is unknown, but ${columnOf(meeting)} always arrives as ${expected(meeting)}`,
  fix: { typescript: expectedDeclaration(meeting), sql: null },
})

function judgeValue(meeting: Meeting, arms: readonly TsType[]): Judgement[] {
  const { element } = meeting.profile.arrival(meeting.facts.column)
  if (element === 'json') return judgeJson(meeting, arms)
  const refused = arms.filter((arm) => !arrives(meeting, arm))
  if (refused.length > 0) return [refused.length < arms.length ? impossible(meeting, refused) : wrongBase(meeting)]
  if (element !== 'Date' || isWritten(meeting)) return []
  const { baseType, default: filled } = meeting.facts.column
  return [
    ...(baseType === 'date' ? [dateAsDate(meeting)] : []),
    ...(/^'-?infinity'/.test(filled ?? '') ? [infiniteDate(meeting)] : []),
  ]
}

const impossible = (meeting: Meeting, arms: readonly TsType[]): Judgement => ({
  rule: 'drift/impossible-arm',
  message: `${subjectOf(meeting)} may be ${shown(unionOf(arms))}, but ${columnOf(meeting)} only ever arrives as ${expected(meeting)}`,
  fix: { typescript: expectedDeclaration(meeting), sql: null },
})

function wrongBase(meeting: Meeting): Judgement {
  const { facts, profile } = meeting
  const { baseType } = facts.column
  const is = shown(unionOf(valueArms(meeting.property.type)))
  const rule = ruleFor(baseType, valueArms(meeting.property.type))
  const way = isWritten(meeting) ? 'takes' : 'arrives as'
  const hint =
    PARSED.has(is) && (EXACT.has(baseType) || DATES.has(baseType))
      ? `, or parse it and say so: profile: { extends: '${profile.name}', types: { ${baseType}: '${is}' } }`
      : ''
  return {
    rule,
    message: `${subjectOf(meeting)} is ${is}, but ${columnOf(meeting)} ${way} ${expected(meeting)}`,
    fix: { typescript: `${expectedDeclaration(meeting)}${hint}`, sql: isWritten(meeting) ? null : retyping(meeting) },
    edit: { kind: 'declare', text: expectedDeclaration(meeting) },
  }
}

// What a custom parser usually makes of exact numbers and of dates.
const PARSED: ReadonlySet<string> = new Set(['number', 'bigint', 'string'])
const EXACT: ReadonlySet<string> = new Set(['int8', 'numeric', 'money'])
const DATES: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz', 'time', 'timetz'])

function ruleFor(baseType: string, arms: readonly TsType[]): RuleId {
  if (arms.some(({ kind }) => kind === 'array' || kind === 'tuple')) return 'drift/array-shape'
  if (EXACT.has(baseType) && arms.every((arm) => carries(arm, 'number') || carries(arm, 'bigint'))) {
    return 'drift/int8-or-numeric'
  }
  return DATES.has(baseType) || arms.some((arm) => carries(arm, 'Date')) ? 'drift/date-family' : 'drift/base-type'
}

const dateAsDate = (meeting: Meeting): Judgement => ({
  rule: 'drift/date-as-date',
  message: `${subjectOf(meeting)} is a Date for ${columnOf(meeting)}: midnight UTC, which is the day before in the west`,
  fix: {
    typescript: `${meeting.property.name}: string, with a parser and profile: { extends: '${meeting.profile.name}', types: { date: 'string' } }`,
    sql: null,
  },
})

const infiniteDate = (meeting: Meeting): Judgement => ({
  rule: 'drift/infinite-date',
  message: `${subjectOf(meeting)} is a Date, but ${columnOf(meeting)} is ${meeting.facts.column.default} by default, which no Date can be`,
  fix: { typescript: null, sql: `alter table ${meeting.sql.table} alter column ${meeting.sql.column} drop default;` },
})

function judgeArray(meeting: Meeting, arms: readonly TsType[]): Judgement[] {
  const { profile } = meeting
  const arrays = arms.filter((arm) => arm.kind === 'array' || arm.kind === 'tuple')
  if (arrays.length === 0) return [arrayShape(meeting)]
  if (arrays.length < arms.length)
    return [
      impossible(
        meeting,
        arms.filter(({ kind }) => kind !== 'array' && kind !== 'tuple'),
      ),
    ]
  const element = unionOf(arrays.map(elementOf))
  const found: Judgement[] = []
  if (!profile.nullInArrays && hasNull(element) && !isWritten(meeting)) {
    found.push({
      rule: 'drift/array-null',
      message: `${subjectOf(meeting)} allows null among its elements, but the driver gives "NULL", NaN or false for them, never null`,
      fix: { typescript: expectedDeclaration(meeting), sql: null },
    })
  }
  if (!isWritten(meeting) && arrays.some(({ kind }) => kind === 'tuple') && !hasLengthCheck(meeting)) {
    const { table, column } = meeting.sql
    const lengths = new Set(arrays.flatMap((arm) => (arm.kind === 'tuple' ? [arm.of.length] : [])))
    const [length] = lengths
    found.push({
      rule: 'drift/tuple-length',
      message: `${subjectOf(meeting)} says how many elements there are, and nothing holds ${columnOf(meeting)} to it`,
      fix: {
        typescript: expectedDeclaration(meeting),
        sql:
          lengths.size === 1 && arrays.length === 1
            ? `alter table ${table} add check (cardinality(${column}) = ${length});`
            : null,
      },
    })
  }
  const values = valueArms(element).filter(({ kind }) => kind !== 'unknown' && kind !== 'any')
  const { element: driverType } = profile.arrival(meeting.facts.column)
  if (driverType === 'json') return [...found, ...judgeJson(meeting, values)]
  const refused = values.filter(
    (arm) => !carries(arm, driverType) && !(isWritten(meeting) && isWritable(arm, driverType)),
  )
  if (refused.length > 0) return [...found, arrayShape(meeting)]
  return losesParser(meeting) ? [...found, domainArray(meeting)] : found
}

/** An array of a domain has a type of its own, for whose elements the driver has no parser. */
function losesParser(meeting: Meeting): boolean {
  const { facts, profile } = meeting
  const { column } = facts
  if (isWritten(meeting) || column.domain === null || !column.type.endsWith('[]')) return false
  return profile.arrival({ ...column, array: false }).element !== profile.arrival(column).element
}

const domainArray = (meeting: Meeting): Judgement => ({
  rule: 'drift/domain-array',
  message: `${columnOf(meeting)} is an array of the domain ${meeting.facts.column.domain}, whose elements the driver hands over as text`,
  fix: { typescript: null, sql: null },
})

const hasLengthCheck = ({ pair, facts }: Meeting): boolean =>
  pair.relation.constraints.some(
    ({ type, columns, definition }) =>
      type === 'c' &&
      columns.includes(facts.column.name) &&
      /\b(?:cardinality|array_length|array_upper)\(/.test(definition),
  )

const arrayShape = (meeting: Meeting): Judgement => ({
  rule: 'drift/array-shape',
  message: `${subjectOf(meeting)} is ${shown(unionOf(valueArms(meeting.property.type)))}, but ${columnOf(meeting)} arrives as ${expected(meeting)}`,
  fix: { typescript: expectedDeclaration(meeting), sql: isWritten(meeting) ? null : retyping(meeting) },
})

/** The innermost elements: PostgreSQL does not hold a column to its dimensions. */
export function elementOf(type: TsType): TsType {
  if (type.kind === 'array') return elementOf(type.of)
  if (type.kind === 'tuple') return unionOf(type.of.map(elementOf))
  return type
}

function judgeJson(meeting: Meeting, arms: readonly TsType[]): Judgement[] {
  const troubles = arms.map((arm) => jsonTrouble(arm, meeting.property.name))
  const trouble = troubles.find((one) => one !== null)
  if (trouble !== undefined && troubles.every((one) => one !== null)) {
    const message = `${subjectOf(meeting)}: ${trouble}, which JSON cannot carry, but ${columnOf(meeting)} arrives as parsed JSON`
    return [
      {
        rule: 'drift/json-incompatible',
        message,
        fix: { typescript: 'say what JSON.parse gives: string for a Date', sql: null },
      },
    ]
  }
  if (
    arms.length > 0 &&
    !isWritten(meeting) &&
    arms.every((arm) => carries(arm, 'string') && arm.kind === 'primitive')
  ) {
    const message = `${subjectOf(meeting)} is string, but ${columnOf(meeting)} arrives parsed, as a string only when the document is one`
    return [{ rule: 'drift/json-as-string', message, fix: { typescript: declaration(meeting, 'unknown'), sql: null } }]
  }
  return []
}

/** True when a value of the column may be of this arm. */
function arrives(meeting: Meeting, arm: TsType): boolean {
  const { element, array } = meeting.profile.arrival(meeting.facts.column)
  if (array) return arm.kind === 'array' || arm.kind === 'tuple'
  if (element === 'json') return jsonTrouble(arm, '') === null
  return carries(arm, element) || (isWritten(meeting) && isWritable(arm, element))
}

/** True when values of the driver's type belong to the arm, or the arm refines them. */
function carries(arm: TsType, driverType: DriverType): boolean {
  if (arm.kind === 'brand') return carries(arm.of, driverType)
  if (arm.kind === 'primitive') return arm.name === driverType
  if (arm.kind === 'literal') return typeof arm.value === driverType
  if (arm.kind === 'template') return driverType === 'string'
  const name = driverType.split('.').at(-1)!.replace(/<.*$/, '')
  if (arm.kind === 'named') return arm.name === name || (name === 'Buffer' && arm.name === 'Uint8Array')
  return arm.kind === 'object' && (arm.name === name || PARSED_OBJECTS.has(name))
}

// What `pg` makes of these types is an object that people describe in their own words.
const PARSED_OBJECTS: ReadonlySet<string> = new Set(['Point', 'Circle', 'PostgresInterval'])

/** What a parameter may be besides what a read gives: PostgreSQL reads numbers and dates from their text. */
const isWritable = (arm: TsType, driverType: DriverType): boolean =>
  (driverType === 'string' && ['number', 'bigint', 'boolean', 'Date'].some((type) => carries(arm, type))) ||
  (driverType === 'number' && ['bigint', 'string'].some((type) => carries(arm, type))) ||
  (driverType === 'Date' && carries(arm, 'string'))

function expected({ facts, profile }: Meeting): string {
  const { element, array } = profile.arrival(facts.column)
  const name = element === 'json' || element === 'any' ? 'unknown' : element
  return array ? `${name}[]` : name
}

function expectedDeclaration(meeting: Meeting): string {
  const { pair, property, facts, profile } = meeting
  const notation = notationOf(pair.type)
  const text = notation.arrival(profile.arrival(facts.column))
  const nullable = facts.nullable === true || hasNull(property.type)
  return declaration(meeting, nullable ? notation.withNull(text) : text, property.optional && isWritten(meeting))
}
