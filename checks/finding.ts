import type { Location } from '../migrations/error.ts'
import type { Severity } from './rules.ts'

export type { Severity } from './rules.ts'

/** A judgement on facts: one thing wrong, at one place, with a rule. As it stands in `report.json`. */
export interface Finding {
  /** `family/what-is-wrong`, a key of `rules.ts` (or a team's own slug). */
  readonly rule: string
  readonly severity: Severity
  /** The name of the check that found it: `drift`. */
  readonly check: string
  readonly system: string
  /** What is wrong, in one sentence, with the names. */
  readonly message: string
  /** Why it matters: the rule's line. */
  readonly why: string | null
  /** `schema.table.column`, or null. */
  readonly object: string | null
  /** The line that caused it. */
  readonly location: Location | null
  /** The other end: TypeScript ↔ SQL. */
  readonly other: Location | null
  readonly fix: { readonly typescript: string | null; readonly sql: string | null }
  /** Stable identity: no lines, no file names. */
  readonly fingerprint: string
  /** True for what the branch adds; null when there is no base to compare with. */
  readonly isNew: boolean | null
}

/** What a check says; the rest of a `Finding` follows from the rule, the check and the system. */
export interface ReportedFinding {
  readonly rule: string
  /** Defaults to the rule's line. */
  readonly message?: string
  readonly severity?: Severity
  readonly object?: string | null
  readonly location?: Location | null
  readonly other?: Location | null
  readonly fix?: { readonly typescript?: string | null; readonly sql?: string | null }
  readonly isNew?: boolean | null
  /** What tells it from others of its rule and object; free of lines, files, and the order of anything. */
  readonly identity?: readonly string[]
}
