import type { Report } from './report.ts'

/** `1 error`, `2 errors`, `3 queries`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** `12 ms`, `3.1 s`, `2 min 5 s`. */
export const duration = (ms: number): string => {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** How many of each there are. `broken`: what checks threw instead of reporting it. */
export interface Tally {
  readonly errors: number
  readonly warnings: number
  readonly infos: number
  readonly broken: number
}

export const tally = ({ findings, checks }: Report): Tally => {
  const of = (severity: string): number => findings.filter((finding) => finding.severity === severity).length
  const broken = checks.filter(({ state }) => state === 'fail').reduce((sum, { errors }) => sum + errors.length, 0)
  return { errors: of('error'), warnings: of('warning'), infos: of('info'), broken }
}

/** `2 errors, 1 warning`, or `no findings`. */
export const tallyPhrase = ({ errors, warnings, infos, broken }: Tally): string =>
  [
    errors > 0 && count(errors, 'error'),
    warnings > 0 && count(warnings, 'warning'),
    infos > 0 && count(infos, 'note'),
    broken > 0 && count(broken, 'check failure'),
  ]
    .filter(Boolean)
    .join(', ') || 'no findings'

/** What a verdict rests on: the tally, then how much was looked at. */
export const grounds = (report: Report): readonly string[] => {
  const looked = coverage(report)
  if (report.verdict !== 'error') return [tallyPhrase(tally(report)), ...looked]
  const found = report.findings.length > 0 || tally(report).broken > 0 ? [tallyPhrase(tally(report))] : []
  return [...found, ...(looked.length === 0 ? ['nothing was checked'] : looked)]
}

/** How much was looked at, in words, so that a green light never means "looked at nothing": `12 migrations proven`, … */
export const coverage = ({ systems, checks: all }: Report): readonly string[] => {
  // A run that ended before it had systems is told as a check of none.
  const checks = all.filter(({ system }) => system !== '')
  const migrations = systems.flatMap((system) => system.migrations)
  const proven = migrations.filter(({ state }) => state === 'proven').length
  const drift = systems.flatMap((system) => system.drift ?? [])
  const total = (of: 'types' | 'tables' | 'columns', what: 'checked' | 'unchecked'): number =>
    drift.reduce((sum, facts) => sum + facts[of][what], 0)
  const backfills = systems.flatMap((system) => system.backfills)
  const skipped = checks.filter(({ state }) => state === 'skip').length
  const unchecked = (of: 'types' | 'tables' | 'columns'): string =>
    total(of, 'unchecked') > 0 ? ` (${total(of, 'unchecked')} unchecked)` : ''
  return [
    migrations.length === 0 ? [] : `${proven} of ${count(migrations.length, 'migration')} proven`,
    drift.length === 0
      ? []
      : `${count(total('types', 'checked'), 'type')}${unchecked('types')} ↔ ${count(total('tables', 'checked'), 'table')}${unchecked('tables')}, ` +
        `${count(total('columns', 'checked'), 'column')}${unchecked('columns')}`,
    backfills.length === 0 ? [] : count(backfills.length, 'backfill'),
    checks.length === 0 ? [] : `${count(checks.length, 'check')}${skipped > 0 ? ` (${skipped} skipped)` : ''}`,
  ].flat()
}

/** `drift/base-type (shop)`; without a system, the name alone. */
export const ofSystem = (name: string, system: string): string => (system === '' ? name : `${name} (${system})`)

/** `PostgreSQL 18.4 (embedded)`, or null when no server was started. */
export const serverPhrase = ({ postgres }: Report): string | null =>
  postgres && `PostgreSQL ${postgres.version} (${postgres.provider})`
