import { backfillRules } from './rules/backfill.ts'
import { driftRules } from './rules/drift.ts'
import { filesRules } from './rules/files.ts'
import { portableRules } from './rules/portable.ts'
import { parityRules } from './rules/parity.ts'
import { replayRules } from './rules/replay.ts'
import { rlsRules } from './rules/rls.ts'
import type { Rule } from './rules/rule.ts'

export type { Rule, Severity } from './rules/rule.ts'

/** The one table of rules. Ids are slugs, `family/what-is-wrong`; `docs/rules.md` is generated from it. */
export const rules = {
  ...filesRules,
  ...replayRules,
  ...driftRules,
  ...backfillRules,
  ...rlsRules,
  ...portableRules,
  ...parityRules,
} satisfies Readonly<Record<string, Rule>>

export type RuleId = keyof typeof rules

/** The rule of a slug; a team's own slugs have none. */
export const ruleOf = (id: string): Rule | undefined => (rules as Readonly<Record<string, Rule>>)[id]
