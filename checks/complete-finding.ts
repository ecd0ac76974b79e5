import { createHash } from 'node:crypto'
import type { Finding, ReportedFinding } from './finding.ts'
import { ruleOf } from './rules.ts'
import type { RuleSettings } from './settings.ts'

/** Where a finding comes from, and what the config says about rules. */
interface Origin {
  readonly system: string
  readonly check: string
  readonly rules: RuleSettings
}

/** Fills in what follows from the rule; null when the config switches the rule off. */
export function completeFinding(reported: ReportedFinding, { system, check, rules }: Origin): Finding | null {
  const rule = ruleOf(reported.rule)
  const severity = rules[reported.rule] ?? reported.severity ?? rule?.severity ?? 'error'
  if (severity === 'off') return null
  const object = reported.object ?? null
  const message = reported.message ?? rule?.why ?? reported.rule
  return {
    rule: reported.rule,
    severity,
    check,
    system,
    message,
    why: rule?.why ?? null,
    object,
    location: reported.location ?? null,
    other: reported.other ?? null,
    fix: { typescript: reported.fix?.typescript ?? null, sql: reported.fix?.sql ?? null },
    fingerprint: fingerprintOf([system, reported.rule, object ?? message, ...(reported.identity ?? [])]),
    isNew: reported.isNew ?? null,
  }
}

/** Identity that survives moved lines and renamed files: of the rule, the system, the object and what is told of it. */
const fingerprintOf = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)
