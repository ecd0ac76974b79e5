import { isStored } from './column-facts.ts'
import { columnOf, declaration, isWritten, type Judgement, type Meeting, subjectOf } from './judgement.ts'
import { notationOf } from './written-type.ts'
import { hasNull, hasUndefined, type TsType, valueArms } from './type-model.ts'

/** What a type allows besides values. */
interface Absence {
  readonly none: boolean
  readonly missing: boolean
}

/** Whether both sides agree on what may be absent. A view's columns, and rows of a join, are not judged. */
export function judgeNullability(meeting: Meeting): Judgement[] {
  const { pair, property, facts } = meeting
  if (property.someArms || valueArms(property.type).some(({ kind }) => OPEN.has(kind))) return []
  // A schema's default fills in what the source lacks: what comes out is never undefined.
  const filled = property.output !== null && !hasUndefined(property.output)
  const absence = {
    none: hasNull(property.type),
    missing: !filled && (property.optional || hasUndefined(property.type)),
  }
  if (isWritten(meeting)) return judgeWritten(meeting, absence)
  if (pair.shape === 'join' || facts.nullable === null) return []
  return facts.nullable ? judgeNullable(meeting, absence) : judgeNotNull(meeting, absence)
}

const OPEN: ReadonlySet<TsType['kind']> = new Set(['any', 'unknown', 'unresolved'])

function judgeNullable(meeting: Meeting, { none, missing }: Absence): Judgement[] {
  if (none) return []
  const { facts, sql, property, pair } = meeting
  const fix = {
    typescript: declaration(meeting, notationOf(pair.type).withNull(property.text)),
    sql: isStored(pair.relation) ? `alter table ${sql.table} alter column ${sql.column} set not null;` : null,
  }
  if (missing) {
    const message = `${subjectOf(meeting)} says undefined, but ${columnOf(meeting)} gives null: the driver never gives undefined`
    return [{ rule: 'drift/undefined-not-null', message, fix }]
  }
  const withDefault = facts.column.default !== null && facts.column.generated === ''
  return [
    withDefault
      ? {
          rule: 'drift/nullable-with-default',
          message: `${columnOf(meeting)} has a default but may still be null, and ${subjectOf(meeting)} is ${property.text}`,
          fix,
        }
      : {
          rule: 'drift/null-not-modelled',
          message: `${columnOf(meeting)} may be null, but ${subjectOf(meeting)} is ${property.text}`,
          fix,
        },
  ]
}

function judgeNotNull(meeting: Meeting, { none, missing }: Absence): Judgement[] {
  const { facts, property, sql, profile, pair } = meeting
  // A document may be JSON's own null in a column that refuses SQL's.
  const document = profile.arrival(facts.column).element === 'json'
  if (!missing && (!none || document)) return []
  const rule = facts.primaryKey ? 'drift/pk-optional' : none ? 'drift/too-nullable' : 'drift/optional-but-not-null'
  const says = none ? 'allows null' : 'is optional'
  return [
    {
      rule,
      message: `${subjectOf(meeting)} ${says}, but ${columnOf(meeting)} is ${facts.primaryKey ? 'a primary key' : 'not null'}`,
      fix: {
        typescript: declaration(meeting, notationOf(pair.type).withoutNull(property.text)),
        sql:
          facts.primaryKey || !isStored(pair.relation)
            ? null
            : `alter table ${sql.table} alter column ${sql.column} drop not null;`,
      },
    },
  ]
}

/** In what is written, a wider type is the error: the statement fails. */
function judgeWritten(meeting: Meeting, { none, missing }: Absence): Judgement[] {
  const { pair, property, facts, sql } = meeting
  const { column } = facts
  const found: Judgement[] = []
  const filledBy = column.identity !== '' || column.generated !== '' || column.default !== null
  if (pair.shape === 'insert' && (column.identity === 'a' || column.generated !== '')) {
    return [
      {
        rule: 'drift/generated-in-insert',
        message: `${subjectOf(meeting)} is part of an insert, but PostgreSQL generates ${columnOf(meeting)} itself and refuses a value`,
        fix: { typescript: `leave ${property.name} out of ${pair.type.name}`, sql: null },
        edit: { kind: 'remove property' },
      },
    ]
  }
  if (none && facts.nullable === false) {
    found.push({
      rule: 'drift/null-refused',
      message: `${subjectOf(meeting)} allows null, but ${columnOf(meeting)} refuses it (23502)`,
      fix: {
        typescript: declaration(meeting, notationOf(pair.type).withoutNull(property.text), property.optional),
        sql: `alter table ${sql.table} alter column ${sql.column} drop not null;`,
      },
    })
  }
  if (pair.shape !== 'insert') return found
  if (missing && facts.nullable === false && !filledBy) {
    found.push({
      rule: 'drift/required-column-absent',
      message: `${subjectOf(meeting)} may be left out, but ${columnOf(meeting)} is not null and has no default`,
      fix: { typescript: declaration(meeting, property.text), sql: null },
    })
  }
  if (!missing && column.default !== null && MADE_BY_DATABASE.test(column.default)) {
    found.push({
      rule: 'drift/required-although-default',
      message: `${subjectOf(meeting)} is required, although ${columnOf(meeting)} has the default ${column.default}`,
      fix: { typescript: declaration(meeting, property.text, true), sql: null },
    })
  }
  return found
}

// A constant default is one choice among others; these the caller cannot know better than the database.
const MADE_BY_DATABASE = /^(?:nextval|now|gen_random_uuid|uuidv[47]|uuid_generate_v\d\w*)\(|^CURRENT_TIMESTAMP/
