import { ruleOf } from '../rules.ts'
import type { DriftDifference } from './difference.ts'
import type { Tag, TypeModel } from './type-model.ts'

/** An `@landfall-ignore` that is in force: over one property, or over a whole type. */
interface Ignore {
  readonly tag: Tag
  readonly rule: string
  readonly type: string
  /** The line of the property; null for the whole type. */
  readonly place: string | null
}

/** The differences that remain, and what is wrong with the tags themselves. */
export function applyIgnores(model: TypeModel, differences: readonly DriftDifference[]): DriftDifference[] {
  const tags = model.types.flatMap((type) => [
    ...type.tags.map((tag) => ({ tag, type: type.name, place: null })),
    ...(type.properties ?? []).flatMap((property) =>
      property.tags.map((tag) => ({ tag, type: type.name, place: placeOf(property.location) })),
    ),
  ])
  const written = tags.filter(({ tag }) => tag.name === 'ignore').map((one) => ({ ...one, ...parsed(one.tag) }))
  const ignores: Ignore[] = written.filter(({ trouble }) => trouble === null)
  const used = new Set<string>()
  const remaining = differences.filter((difference) => {
    const found = ignores.filter((ignore) => covers(ignore, difference))
    for (const { tag } of found) used.add(placeOf(tag.location))
    return found.length === 0
  })
  const once = new Map(written.map((one) => [placeOf(one.tag.location), one]))
  const troubled = [...once.values()].flatMap(({ tag, trouble, type }) => {
    if (trouble !== null) return [tagProblem(tag, type, 'drift/tag-not-attached', trouble)]
    if (used.has(placeOf(tag.location))) return []
    return [tagProblem(tag, type, 'drift/unused-ignore', `@landfall-ignore ${tag.argument} ignores nothing`)]
  })
  const stray = model.strayTags.map((tag) =>
    tagProblem(tag, null, 'drift/tag-not-attached', `@landfall-${tag.name} belongs to no type and no property`),
  )
  return [...remaining, ...troubled, ...stray]
}

const covers = ({ rule, type, place }: Ignore, difference: DriftDifference): boolean =>
  difference.rule === rule &&
  (place === null ? difference.type === type : difference.location !== null && placeOf(difference.location) === place)

const placeOf = ({ file, line, column }: Tag['location']): string => `${file}:${line}:${column}`

function parsed(tag: Tag): { rule: string; trouble: string | null } {
  const [rule = '', ...reason] = tag.argument.split(/\s+/)
  const trouble =
    ruleOf(rule) === undefined
      ? `@landfall-ignore names no rule: ${JSON.stringify(rule)}`
      : reason.join('') === ''
        ? `@landfall-ignore ${rule} lacks its reason`
        : null
  return { rule, trouble }
}

const tagProblem = (
  tag: Tag,
  type: string | null,
  rule: 'drift/tag-not-attached' | 'drift/unused-ignore',
  message: string,
): DriftDifference => ({
  rule,
  message,
  object: null,
  type,
  location: tag.location,
  other: null,
  fix: {
    typescript:
      rule === 'drift/unused-ignore'
        ? 'remove the tag'
        : 'write /** @landfall-… */ on a line of its own, right above the type or the property',
    sql: null,
  },
  ...(rule === 'drift/unused-ignore' ? { edit: { kind: 'remove tag' } } : {}),
})
