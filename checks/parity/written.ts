import fc from 'fast-check'
import { singularize } from 'inflection'
import { placeOf, replaceEarlier, type Earlier } from './earlier.ts'
import type { Parting } from './duel.ts'
import { literal } from './literal.ts'
import { firstDifference, type Outcome } from './outcome.ts'
import type { Call } from './player.ts'

/** The sequence as code: a line for each call, and names for what later calls refer to. */
export function writtenSequence(parting: Pick<Parting, 'steps' | 'answers'>): string[] {
  const meant = whatIsMeant(parting)
  const names = namesOf(parting, new Set(meant.values()))
  const written = ({ operation, args }: Call): string => {
    const texts = args.map((argument) => {
      const named = replaceEarlier(argument, (reference) => {
        const call = meant.get(reference)
        if (call === undefined) return reference.otherwise
        const name = [names.get(call)!, ...(reference.property === null ? [] : [reference.property])].join('.')
        return { [fc.toStringMethod]: () => name }
      })
      return literal(named)
    })
    return `${operation}(${texts.join(', ')})`
  }
  return parting.steps.flatMap(({ wait, calls }) => [
    ...(wait > 0 ? [`// ${wait} ms later`] : []),
    ...awaited(
      calls.map(written),
      calls.map((call) => names.get(call) ?? ''),
    ),
  ])
}

function awaited(calls: readonly string[], names: readonly string[]): string[] {
  if (calls.length === 1) return [`${names[0] === '' ? '' : `const ${names[0]} = `}await ${calls[0]}`]
  const left = names.every((name) => name === '') ? '' : `const [${names.join(', ')}] = `
  return [`${left}await Promise.all([`, ...calls.map((call) => `  ${call},`), '])']
}

/** Which call each reference meant when it was used; none where nothing had been returned yet. */
function whatIsMeant({ steps, answers }: Pick<Parting, 'steps' | 'answers'>): Map<Earlier, Call> {
  const meant = new Map<Earlier, Call>()
  const returned = new Map<string, Call[]>()
  for (const [n, { calls }] of steps.entries()) {
    for (const { args } of calls)
      replaceEarlier(args, (reference) => {
        const place = placeOf(reference, returned)
        if (place !== null) meant.set(reference, returned.get(reference.operation)![place]!)
      })
    for (const [k, call] of calls.entries())
      if (answers[n]![k]!.kind === 'returned')
        returned.set(call.operation, [...(returned.get(call.operation) ?? []), call])
  }
  return meant
}

/** `projects.create` → `project1`. */
function namesOf({ steps }: Pick<Parting, 'steps'>, referred: ReadonlySet<Call>): Map<Call, string> {
  const names = new Map<Call, string>()
  const counts = new Map<string, number>()
  for (const call of steps.flatMap(({ calls }) => calls).filter((each) => referred.has(each))) {
    const path = call.operation.split('.')
    const word = singularize(path.at(-2) ?? path.at(-1)!)
    counts.set(word, (counts.get(word) ?? 0) + 1)
    names.set(call, `${word}${counts.get(word)}`)
  }
  return names
}

const texts: { readonly [K in Outcome['kind']]: (outcome: Extract<Outcome, { kind: K }>) => string } = {
  returned: ({ value }) => literal(value),
  thrown: ({ name, fields, message }) => `throws ${name} ${literal(fields)}: ${message}`,
  silent: () => 'gives no answer within 10 s',
}
const SHOWN = 600

/** What a call came to, in a line. */
export function writtenOutcome(outcome: Outcome): string {
  const text = (texts[outcome.kind] as (outcome: Outcome) => string)(outcome)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

/** Where two returned values part, such as `[0].updatedAt`; null where there is no one place. */
export const partingPlace = (one: Outcome, other: Outcome): string | null =>
  one.kind === 'returned' && other.kind === 'returned' ? firstDifference(one.value, other.value) : null
