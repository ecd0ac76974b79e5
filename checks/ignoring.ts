import { completeFinding } from './complete-finding.ts'
import type { Facts } from './facts.ts'
import type { Finding, ReportedFinding } from './finding.ts'
import { covers, ignoresOf, type Ignore } from './ignores.ts'
import type { CheckResult } from './run.ts'
import type { RuleSettings } from './settings.ts'

/** The ignores of the systems of one run: which there are, and which were of use. */
export interface Ignoring {
  /** Whether a finding is left out; asked once what stands in the system's migrations is read. */
  readonly of: (facts: Facts) => Promise<(finding: ReportedFinding) => boolean>
  /** At the end: a check of each system that has ignores, and what is wrong with them. */
  readonly judge: (
    results: readonly CheckResult[],
    rules: RuleSettings,
  ) => Promise<{ readonly checks: readonly CheckResult[]; readonly findings: readonly Finding[] }>
}

export function ignoring(): Ignoring {
  const known = new Map<Facts, Promise<readonly Ignore[]>>()
  const used = new Set<Ignore>()
  const read = (facts: Facts): Promise<readonly Ignore[]> =>
    facts.migrations().then(
      ({ migrations }) => ignoresOf(migrations),
      () => [], // a directory that cannot be read is said by the checks that read it
    )
  return {
    of: async (facts) => {
      const promise = known.get(facts) ?? read(facts)
      known.set(facts, promise)
      const ignores = await promise
      return (finding) => {
        const covering = ignores.filter((ignore) => covers(ignore, finding))
        for (const ignore of covering) used.add(ignore)
        return covering.length > 0
      }
    },
    judge: async (results, rules) => {
      const systems = await Promise.all([...known].map(async ([facts, ignores]) => ({ facts, ignores: await ignores })))
      const judged = systems.flatMap(({ facts, ignores }) => judgeSystem(facts, ignores, used, results, rules) ?? [])
      return { checks: judged.map(({ check }) => check), findings: judged.flatMap(({ findings }) => findings) }
    },
  }
}

/** squawk's own comments are for squawk to judge. Null where nobody wrote another. */
function judgeSystem(
  facts: Facts,
  ignores: readonly Ignore[],
  used: ReadonlySet<Ignore>,
  results: readonly CheckResult[],
  rules: RuleSettings,
): { check: CheckResult; findings: readonly Finding[] } | null {
  const own = ignores.filter(({ tool }) => tool === 'landfall')
  if (own.length === 0) return null
  const started = performance.now()
  const { name: system } = facts.system
  const ran = results.filter((result) => result.system === system)
  const stopped = new Set(ran.filter(({ errors }) => errors.length > 0).map(({ check }) => check))
  const asked = new Set(ran.map(({ check }) => check).filter((check) => !stopped.has(check)))
  const findings = own.flatMap((ignore) => {
    const finding = mistakeIn(ignore, used.has(ignore), (rule) => wasAsked(facts, ignore, rule, asked))
    return finding === null ? [] : (completeFinding(finding, { system, check: 'ignores', rules }) ?? [])
  })
  const state = findings.some(({ severity }) => severity === 'error') ? 'fail' : 'pass'
  const durationMs = performance.now() - started
  const name = 'every ignore has a reason and ignores something'
  return { check: { check: 'ignores', system, file: '', name, state, durationMs, errors: [] }, findings }
}

function mistakeIn(
  { rules, location, problem }: Ignore,
  isUsed: boolean,
  asked: (rule: string) => boolean,
): ReportedFinding | null {
  if (problem) return { ...problem, location }
  if (isUsed || !rules.every(asked)) return null
  const names = rules.join(', ')
  return { rule: 'lint/unused-ignore', message: `landfall-ignore ${names} ignores nothing`, object: names, location }
}

/** Rules that are asked only with rows in the tables, and those that need a base to compare with. */
const WITH_ROWS = new Set(['replay/needs-empty-tables', 'reversible/loses-data', 'reversible/down-fails'])
const WITH_BASE = /^(files\/.*(-after-merge|-base-head|-both-branches)|compat\/.*)$/

const askers = (rule: string): readonly string[] => {
  const family = rule.split('/')[0]!
  return family === 'lint' ? ['replay', 'reversible'] : [family === 'lock' ? 'locks' : family]
}

/** Whether the rule of an ignore was asked about its migration: else it may well ignore something the next time. */
function wasAsked({ established }: Facts, { location }: Ignore, rule: string, asked: ReadonlySet<string>): boolean {
  if (!askers(rule).every((check) => asked.has(check))) return false
  if (WITH_BASE.test(rule)) return established.branch !== undefined && established.branch !== null
  if (rule.startsWith('files/')) return true
  const isHere = ({ migration: { up, down } }: { migration: { up: HasFile; down: HasFile | null } }): boolean =>
    up.file === location.file || down?.file === location.file
  if (WITH_ROWS.has(rule) && !established.data?.some(isHere)) return false
  const proof = established.proof?.proofs.find(isHere)
  return proof !== undefined && (proof.state !== 'skipped' || proof.after !== null)
}

interface HasFile {
  readonly file: string
}
