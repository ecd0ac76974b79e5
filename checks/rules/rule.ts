export type Severity = 'error' | 'warning' | 'info'

/** A rule: how bad a finding is unless the config says otherwise, why it matters, and how it is mended. */
export interface Rule {
  readonly severity: Severity
  /** One line. */
  readonly why: string
  /** One line. */
  readonly fix: string
}
