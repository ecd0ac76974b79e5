import type { BackfillPlan, Estimate } from '../../backfills/plan.ts'
import type { RunRecord } from '../../backfills/history.ts'
import type { RollbackPlan } from '../../backfills/rollback.ts'
import type { Rehearsal } from '../../backfills/rehearse.ts'
import type { Run, StoredReject } from '../../backfills/run-state.ts'
import type { Verification } from '../../backfills/verify.ts'
import { count, duration } from '../report/phrases.ts'
import { oneLine } from '../report/plain-text.ts'

export interface Listed {
  readonly name: string
  readonly system: string
  readonly into: string | readonly string[]
  readonly after: readonly string[]
  readonly lastRun: Run | null
}

export const listTable = (backfills: readonly Listed[]): string =>
  columns(
    ['backfill', 'into', 'after', 'latest run'],
    backfills.map(({ name, into, after, lastRun }) => [
      name,
      [into].flat().join(', '),
      after.join(', '),
      lastRun === null ? 'never' : `${lastRun.state}, ${lastRun.written} written`,
    ]),
  )

export const runsTable = (runs: readonly Run[]): string =>
  runs.length === 0
    ? 'no runs\n'
    : columns(
        ['backfill', 'state', 'read', 'written', 'existing', 'rejected', 'time', 'run', 'next'],
        runs.map(({ name, state, read, written, existing, rejected, durationMs, id, next, reason, waits }) => [
          name,
          `${state}${reason === null ? '' : `: ${oneLine(reason)}`}${waited(waits)}`,
          ...[read, written, existing, rejected].map(String),
          duration(durationMs),
          id,
          next ?? '',
        ]),
      )

/** `, waited 12.0 s (replica-lag 11.5 s, lock-waiters 500 ms)`. */
export function waited(waits: Run['waits']): string {
  const reasons = Object.entries(waits).toSorted(([, a], [, b]) => b - a)
  const total = reasons.reduce((sum, [, ms]) => sum + ms, 0)
  return total === 0
    ? ''
    : `, waited ${duration(total)} (${reasons.map(([reason, ms]) => `${reason} ${duration(ms)}`).join(', ')})`
}

const PLANNED = {
  start: 'a new run',
  resume: 'goes on with an unfinished run',
  nothing: 'nothing: a run is finished (--again for a new one)',
} as const

export function planText({
  name,
  action,
  source,
  records,
  written,
  existing,
  rejected,
  rejects,
  tables,
  estimate,
  undo,
  notes,
}: BackfillPlan): string {
  const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`
  const named = rejects.slice(0, 10)
  return [
    `${name}: ${PLANNED[action]}`,
    `  source   ${source.label}, ${count(records, 'record')}${source.size === null ? '' : `, ${mb(source.size)}`}`,
    ...tables.map(
      ({ table, rows, existing: there }) => `  into     ${table}: ${count(rows, 'row')}, ${there} there already`,
    ),
    `  result   ${written} written, ${existing} existing, ${rejected} rejected`,
    ...named.map(
      ({ position, code, reason }) =>
        `             record ${position.record}${position.line === null ? '' : `, line ${position.line}`}: ${code}: ${oneLine(reason)}`,
    ),
    ...(rejected > named.length ? [`             … and ${rejected - named.length} more`] : []),
    ...(estimate === null
      ? []
      : [
          `  estimate ${duration(estimate.ms)}, ${mb(estimate.walBytes)} of WAL, ${mb(estimate.diskBytes)} on disk (${basisOf(estimate)})`,
        ]),
    `  undo     ${undo}`,
    ...notes.map((note) => `  note     ${oneLine(note)}`),
    '',
  ].join('\n')
}

const basisOf = ({ from, measured: { records, ms } }: Estimate): string =>
  from === 'sample'
    ? `from ${count(records, 'record')} that were written and rolled back in ${duration(ms)}`
    : 'rough: the time of this dry run; --sample N writes N records and measures'

export const rejectLines = (rejects: readonly StoredReject[]): string =>
  rejects
    .map(
      ({ id, position, stage, code, reason, raw, settled }) =>
        `${id}  record ${position.record}${position.line === null ? '' : `, line ${position.line}`}: ${stage}, ${code}: ${oneLine(reason)}${settled === undefined ? '' : ` (${settled.as} by ${oneLine(settled.by)})`}\n  ${oneLine(raw).slice(0, 200)}\n`,
    )
    .join('')

/** What a rollback would do. */
export function rollbackPlanText({ run, batches, rows, gone, laterWrites }: RollbackPlan): string {
  const shown = laterWrites.slice(0, 10).map(({ table, key, detail }) => `${table} ${key.join(', ')} ${detail}`)
  return [
    `${run.name}: rollback of run ${run.id}, begun ${run.startedAt}`,
    `  undoes   ${count(rows, 'row')} in ${count(batches, 'batch', 'batches')}, ${gone} of them gone already`,
    `  later    ${count(laterWrites.length, 'row')} written or referred to later${laterWrites.length === 0 ? '' : ': it refuses'}`,
    ...shown.map((line) => `           ${oneLine(line)}`),
    ...(laterWrites.length > shown.length ? [`           … and ${laterWrites.length - shown.length} more`] : []),
    '',
  ].join('\n')
}

/** What became of a job on a copy. */
export function rehearsalLines({
  name,
  read,
  written,
  existing,
  rejected,
  rejects,
  differences,
  notRestored,
  error,
  ...rest
}: Rehearsal): string {
  const { verified, rolledBack, durationMs } = rest
  const told = (answer: boolean | null): string => (answer === null ? 'not reached' : answer ? 'yes' : 'no')
  return [
    `${name}: ${read} read = ${written} written + ${existing} existing + ${rejected} rejected, ${duration(durationMs)} in all`,
    `  verified     ${told(verified)}${differences.length === 0 ? '' : `, ${count(differences.length, 'difference')}`}`,
    `  rolled back  ${told(rolledBack)}${notRestored.length === 0 ? '' : `; not what they were: ${notRestored.join(', ')}`}`,
    ...rejects
      .slice(0, 10)
      .map(({ position, code, reason }) => `  reject       record ${position.record}: ${code}: ${oneLine(reason)}`),
    ...(error === null ? [] : [`  stopped      ${oneLine(error.message)}`]),
    '',
  ].join('\n')
}

/** Everything on record of runs, newest first. */
export const historyText = (runs: readonly RunRecord[]): string =>
  runs.length === 0 ? 'no runs\n' : runs.map(recordText).join('\n')

function recordText(run: RunRecord): string {
  const { read, written, existing, rejected, rejects, code, source, fingerprints, events, finalizedAt } = run
  const settled =
    rejected + rejects.carried === 0
      ? ''
      : ` (${rejects.open} open, ${rejects.discarded} discarded; ${rejects.carried} carried over since)`
  return [
    `${run.name}: run ${run.id}, ${run.state}${finalizedAt === null ? '' : ', finalized'}`,
    `  who      ${run.actor}${run.why === null ? '' : `: ${run.why}`}`,
    `  when     ${run.startedAt} to ${run.finishedAt ?? 'now'} (${duration(run.durationMs)})`,
    `  counts   ${read} read = ${written} written + ${existing} existing + ${rejected} rejected${settled}`,
    `  source   ${source.label} (${source.kind}), ${source.hash}`,
    `  code     ${code === null ? 'of no file' : `${code.hash}${code.commit === null ? '' : `, commit ${code.commit}`}`}; spec ${run.specHash}`,
    ...(fingerprints ?? []).map(
      ({ table, inserted, updated, sum }) =>
        `  left     ${table}: ${inserted} inserted, ${updated} updated, sum ${sum}`,
    ),
    `  tools    landfall ${run.toolVersion}, PostgreSQL ${run.serverVersion}`,
    ...events.map(
      ({ at, kind, actor, why, data }) =>
        `  ${at}  ${kind} by ${actor}${why === null ? '' : `: ${why}`}${Object.keys(data).length === 0 ? '' : ` ${JSON.stringify(data)}`}`,
    ),
    '',
  ]
    .map((line) =>
      line === ''
        ? line
        : line.replace(/^( *)(.*)$/s, (_, indent: string, rest: string) => `${indent}${oneLine(rest)}`),
    )
    .join('\n')
}

export function verificationLines({ run, ok, accounting, compared, differences, differing }: Verification): string[] {
  if (ok) return [`${run.name}: verified, ${count(compared, 'row')} equal to the source byte by byte`]
  const books = accounting.balanced ? [] : [`${run.name}: the books do not balance: ${JSON.stringify(accounting)}`]
  const lines = differences.map(({ table, key, column, expected, actual, record, line }) => {
    const place = record === null ? 'no record explains it' : `record ${record}${line === null ? '' : `, line ${line}`}`
    const what =
      column === null
        ? actual === null
          ? 'the row is missing'
          : 'the row is not of the source'
        : `${column}: the source says ${quoted(expected)}, the table ${quoted(actual)}`
    return `${run.name}: ${table} (${key.join(', ')}) ${what} (${place})`
  })
  return [
    ...books,
    ...lines.map(oneLine),
    ...(differing > differences.length ? [`… and ${differing - differences.length} more`] : []),
  ]
}

const quoted = (value: string | null): string =>
  value === null ? 'NULL' : JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value)

function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)))
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, index) => cell.padEnd(widths[index]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** One JSON document, schema 1. */
export const jsonText = (data: object): string =>
  `${JSON.stringify({ schema: 1, ...data }, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`
