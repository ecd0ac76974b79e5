import type { AllowedValues } from './column-facts.ts'
import { isStored } from './column-facts.ts'
import { columnOf, isWritten, type Judgement, literal, type Meeting, sqlLiteral, subjectOf } from './judgement.ts'
import { elementOf } from './judge-representation.ts'
import { quoted } from './names.ts'
import { type TsType, unionOf, valueArms } from './type-model.ts'
import type { Value } from './value-set.ts'

/** Whether the values that a union lists are those that an enum or a CHECK allows. What is not understood is not judged. */
export function judgeValues(meeting: Meeting): Judgement[] {
  const { facts, property } = meeting
  const arms = valueArms(facts.column.array ? unionOf(valueArms(property.type).map(elementOf)) : property.type)
  const values = arms.flatMap((arm) => literalsOf(arm))
  const closed = arms.length > 0 && arms.every((arm) => literalsOf(arm).length > 0)
  if (isWritten(meeting)) return closed ? refused(meeting, values) : []
  if (closed) return facts.reads === null ? narrower(meeting) : differing(meeting, values, facts.reads)
  // An open union, and a template, say more than plain text does: they are deliberate.
  const [only] = arms
  const plain = arms.length === 1 && only?.kind === 'primitive'
  const listed = facts.reads !== null && !(facts.column.baseType === 'bool' && facts.reads.values.length === 2)
  return plain && listed && property.output === null ? wide(meeting, facts.reads) : []
}

const literalsOf = (arm: TsType): readonly Value[] =>
  arm.kind === 'brand' ? literalsOf(arm.of) : arm.kind === 'literal' ? [arm.value] : []

const listed = (values: readonly Value[]): string => values.map(literal).join(', ')

const SOURCES = { enum: 'the enum of', check: 'the CHECK on', domain: 'the domain of' } as const

function differing(meeting: Meeting, values: readonly Value[], reads: AllowedValues): Judgement[] {
  const missing = reads.exact ? reads.values.filter((value) => !values.includes(value)) : []
  const extra = values.filter((value) => !reads.values.includes(value))
  const by = `${SOURCES[reads.source]} ${columnOf(meeting)}`
  const found: Judgement[] = []
  if (missing.length > 0) {
    found.push({
      rule: 'drift/value-missing-in-type',
      message: `${subjectOf(meeting)} lacks ${listed(missing)}, which ${by} allows`,
      fix: {
        typescript: `add ${missing.map(literal).join(' | ')} to ${meeting.property.text}`,
        sql: allowing(meeting, reads, values),
      },
      edit: { kind: 'add values', values: missing },
      definedBy: definedBy(meeting, reads),
    })
  }
  if (extra.length > 0) {
    found.push({
      rule: 'drift/value-not-in-database',
      message: `${subjectOf(meeting)} lists ${listed(extra)}, which ${by} does not allow`,
      fix: { typescript: `drop ${listed(extra)} from ${meeting.property.text}`, sql: adding(meeting, reads, extra) },
      edit: { kind: 'drop values', values: extra },
      definedBy: definedBy(meeting, reads),
    })
  }
  return found
}

function refused(meeting: Meeting, values: readonly Value[]): Judgement[] {
  const { writes } = meeting.facts
  const extra = writes === null ? [] : values.filter((value) => !writes.values.includes(value))
  if (writes === null || extra.length === 0) return []
  return [
    {
      rule: 'drift/value-refused',
      message: `${subjectOf(meeting)} may be ${listed(extra)}, which ${columnOf(meeting)} refuses`,
      fix: { typescript: `drop ${listed(extra)} from ${meeting.property.text}`, sql: adding(meeting, writes, extra) },
      edit: { kind: 'drop values', values: extra },
      definedBy: definedBy(meeting, writes),
    },
  ]
}

function narrower(meeting: Meeting): Judgement[] {
  const { facts, pair, sql, property } = meeting
  // A look-up table, a domain or a condition that is not understood may hold the column to the same values.
  if (facts.restrictedElsewhere || !isStored(pair.relation) || facts.column.generated !== '') return []
  const values = valueArms(
    facts.column.array ? unionOf(valueArms(property.type).map(elementOf)) : property.type,
  ).flatMap(literalsOf)
  const condition = facts.column.array
    ? `${sql.column} <@ array[${values.map(sqlLiteral).join(', ')}]`
    : `${sql.column} in (${values.map(sqlLiteral).join(', ')})`
  return [
    {
      rule: 'drift/narrower-than-db',
      message: `${subjectOf(meeting)} lists its values, but nothing holds ${columnOf(meeting)} to them`,
      fix: { typescript: null, sql: `alter table ${sql.table} add check (${condition});` },
    },
  ]
}

const wide = (meeting: Meeting, reads: AllowedValues): Judgement[] => [
  {
    rule: 'drift/too-wide',
    message: `${subjectOf(meeting)} is ${meeting.property.text}, but ${columnOf(meeting)} holds only ${listed(reads.values)}`,
    fix: { typescript: `${meeting.property.name}: ${reads.values.map(literal).join(' | ')}`, sql: null },
    definedBy: definedBy(meeting, reads),
  },
]

/** The constraint, the domain or the enum, as the catalog writes its name. */
const definedBy = ({ pair, facts }: Meeting, { constraint, domain }: AllowedValues): string =>
  domain ?? (constraint === null ? enumName(facts) : `${pair.relation.qualified}.${quoted(constraint)}`)

const enumName = ({ column }: Meeting['facts']): string => column.type.replace(/\[\]$/, '')

/** SQL that lets the database allow `extra` as well. */
const adding = (meeting: Meeting, allowed: AllowedValues, extra: readonly Value[]): string =>
  allowed.source === 'enum'
    ? extra.map((value) => `alter type ${enumName(meeting.facts)} add value ${sqlLiteral(value)};`).join(' ')
    : replaced(meeting, allowed, [...allowed.values, ...extra])

/** SQL that holds the database to what the type lists; an enum's label cannot be dropped. */
const allowing = (meeting: Meeting, allowed: AllowedValues, values: readonly Value[]): string | null =>
  allowed.source === 'enum'
    ? null
    : replaced(
        meeting,
        allowed,
        values.filter((value) => allowed.values.includes(value)),
      )

function replaced({ sql, facts }: Meeting, { constraint, domain }: AllowedValues, values: readonly Value[]): string {
  const name = quoted(constraint!)
  const list = values.map(sqlLiteral).join(', ')
  const subject = domain === null ? sql.column : 'value'
  // The check of an array's domain speaks of the array; that of its elements' domain of one of them.
  const ofArray =
    facts.column.array && !facts.column.domainChecks.some((one) => one.domain === domain && one.ofElements)
  const condition = ofArray ? `${subject} <@ array[${list}]` : `${subject} in (${list})`
  return domain === null
    ? `alter table ${sql.table} drop constraint ${name}, add constraint ${name} check (${condition});`
    : `alter domain ${domain} drop constraint ${name}; alter domain ${domain} add constraint ${name} check (${condition});`
}
