import type { Finding, Severity } from '../../checks/finding.ts'

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }
const newness = ({ isNew }: Finding): number => (isNew === true ? 0 : isNew === null ? 1 : 2)
const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** After every file. */
const nowhere = '\uffff'

/** The order of every format: worst first, then what the branch adds, then by system and place. A total order, so that no run differs from the last. */
export const ordered = (findings: readonly Finding[]): readonly Finding[] =>
  findings.toSorted(
    (a, b) =>
      rank[a.severity] - rank[b.severity] ||
      newness(a) - newness(b) ||
      byText(a.system, b.system) ||
      byText(a.location?.file ?? nowhere, b.location?.file ?? nowhere) ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
      (a.location?.column ?? 0) - (b.location?.column ?? 0) ||
      byText(a.rule, b.rule) ||
      byText(a.fingerprint, b.fingerprint) ||
      byText(a.message, b.message),
  )
