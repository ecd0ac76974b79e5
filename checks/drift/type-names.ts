import { pluralize, singularize, underscore } from 'inflection'

/** What the name of a type says: the entity that it speaks of, and in which role. */
export interface TypeName {
  /** Without prefix and suffix: `NewTask`, `TaskRow` → `Task`. */
  readonly entity: string
  readonly role: 'row' | 'insert' | 'update'
}

const ROW = /(?:Row|Record|Model|Entity|Table|Db)$/
const INSERT_PREFIX = /^(?:New|Create|Insert)(?=[A-Z])/
const INSERT_SUFFIX = /(?:CreateInput|InsertInput|Insert|Create|Insertable|Draft|Input)$/
const UPDATE_PREFIX = /^(?:Update|Patch|Partial)(?=[A-Z])/
const UPDATE_SUFFIX = /(?:UpdateInput|Update|Patch|Changes|Updatable)$/

/**
 * The readings of a type's name, the plainest first: `StatusUpdate` may be an entity of its own, and only then the
 * update of a `Status`.
 */
export function readingsOf(name: string): TypeName[] {
  const bare = name.replace(/^I(?=[A-Z][a-z])/, '')
  const readings: TypeName[] = [
    { entity: name, role: 'row' },
    { entity: bare, role: 'row' },
    { entity: bare.replace(ROW, ''), role: 'row' },
    ...(INSERT_PREFIX.test(bare)
      ? [
          {
            entity: bare.replace(INSERT_PREFIX, '').replace(INSERT_SUFFIX, '').replace(ROW, ''),
            role: 'insert' as const,
          },
        ]
      : []),
    ...(UPDATE_PREFIX.test(bare)
      ? [
          {
            entity: bare
              .replace(UPDATE_PREFIX, '')
              .replace(UPDATE_SUFFIX, '')
              .replace(/Input$/, ''),
            role: 'update' as const,
          },
        ]
      : []),
    ...(UPDATE_SUFFIX.test(bare) ? [{ entity: bare.replace(UPDATE_SUFFIX, ''), role: 'update' as const }] : []),
    ...(INSERT_SUFFIX.test(bare) ? [{ entity: bare.replace(INSERT_SUFFIX, ''), role: 'insert' as const }] : []),
  ]
  return readings.filter(
    ({ entity, role }, index) =>
      entity !== '' && readings.findIndex((other) => other.entity === entity && other.role === role) === index,
  )
}

/** A zod schema's constant without its ending: `taskSchema` → `Task`. */
export const schemaSubject = (constant: string): string => {
  const subject = constant.replace(/_?(?:Schema|Validator|Zod)$/i, '')
  return subject.charAt(0).toUpperCase() + subject.slice(1)
}

/** Names are compared without case and underscores: `APIKey`, `api_key`. */
export const squash = (name: string): string => name.replaceAll('_', '').toLowerCase()

/** How a table of an entity may be called, in one spelling: as it is, in the plural and in the singular. */
export function tableSpellings(entity: string): ReadonlySet<string> {
  const words = underscore(entity).split('_')
  const [head, last] = [words.slice(0, -1), words.at(-1)!]
  return new Set([last, pluralize(last), singularize(last)].map((word) => squash([...head, word].join('_'))))
}

/**
 * Nouns of types that stand beside a table, never for one: what is asked with, what is answered, what is shown.
 */
const BESIDE =
  /(?:Filters?|Query|Queries|Options?|Params|Args|Criteria|Results?|Page|List|Response|Request|Payload|Command|Summary|Overview|Stats|Statistics|Metrics|Totals?|Counts?|Context|Error|Problem|Repository|Repositories|Store|Service|Gateway|Port|Handler|Factory|Builder|Details?|View|Dto|DTO|Json|JSON|Props|Snapshot|Fixture|Seed|Export|Import|Dump|Cursor|Sort|OrderBy|Ordering|Clock|Logger)$/

/** True for names such as `TaskFilter`, `TaskWithTags`, `CreateTaskRequest`: not tables, although they name one. */
export const standsBeside = (name: string): boolean =>
  BESIDE.test(name) ||
  /[a-z](?:With|By|For|In|Of)[A-Z]/.test(name) ||
  readingsOf(name).some(({ role }) => role !== 'row')
