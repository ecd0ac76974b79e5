import type { Location } from '../../migrations/error.ts'
import type { ReportedFinding } from '../finding.ts'
import type { RuleId } from '../rules.ts'
import type { Parting } from './duel.ts'
import type { ParityFact } from './try-parity.ts'
import { partingPlace, writtenOutcome, writtenSequence } from './written.ts'

const rules: Readonly<Record<Parting['kind'], RuleId>> = {
  differs: 'parity/differs',
  'untyped-error': 'parity/untyped-error',
  'no-answer': 'parity/no-answer',
}

/** What is wrong with the parity of two implementations. `lineOf` finds an operation in the text of the file. */
export function parityFindings(
  fact: ParityFact,
  system: string,
  lineOf: (operation: string) => number,
): ReportedFinding[] {
  const { file, neverSucceeded, parting } = fact
  const at = (operation: string): Location => ({ file, line: lineOf(operation), column: null })
  return [
    ...(parting === null ? [] : [partingFinding(fact, parting, system, at)]),
    ...neverSucceeded.map((operation) => ({
      rule: 'parity/never-succeeds',
      message: `${operation} was called many times and refused each time`,
      object: operation,
      location: at(operation),
    })),
  ]
}

function partingFinding(
  { names, seed, runs }: ParityFact,
  parting: Parting,
  system: string,
  at: (operation: string) => Location,
): ReportedFinding {
  const { kind, steps, answers, expected, call } = parting
  const last = steps.at(-1)!
  const { operation } = last.calls[call]!
  const pairs = last.calls.map((each, n) => ({
    operation: each.operation,
    both: [expected[n]!, answers.at(-1)![n]!] as const,
  }))
  const place = partingPlace(...pairs[call]!.both)
  const width = Math.max(...names.map((name) => name.length))
  const outcomes = pairs.flatMap(({ operation: name, both }) => [
    ...(pairs.length > 1 ? [`${name}:`] : []),
    ...both.map((outcome, n) => `${names[n]!.padEnd(width)}  ${writtenOutcome(outcome)}`),
  ])
  return {
    rule: rules[kind],
    message: [
      `${names[0]} and ${names[1]} part ways at ${operation}${place === null ? '' : `, in ${place}`}`,
      ...writtenSequence(parting),
      ...outcomes,
      `repeat: landfall check parity --system ${system} --seed ${seed} --runs ${runs}`,
    ].join('\n'),
    object: operation,
    location: at(operation),
  }
}
