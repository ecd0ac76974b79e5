import type { Severity } from './finding.ts'

/** A rule: how bad a finding is unless the config says otherwise, why it matters, and how it is mended. */
export interface Rule {
  readonly severity: Severity
  /** One line. */
  readonly why: string
  /** One line. */
  readonly fix: string
}

/** The one table of rules. Ids are slugs, `family/what-is-wrong`; `docs/rules.md` is generated from it. */
export const rules = {
  'files/up-without-down': {
    severity: 'error',
    why: 'a deploy that cannot be undone by its own script is undone by hand, at night',
    fix: 'write the down script, or say "-- landfall: irreversible <reason>" in the first lines of the up script',
  },
  'files/down-without-up': {
    severity: 'error',
    why: 'a down script that belongs to no up script never runs',
    fix: 'rename it to match its up script, or delete it',
  },
  'files/bad-name': {
    severity: 'warning',
    why: 'a file that fits no layout is not run, although it looks as if it were',
    fix: 'name it NNNN_name.up.sql or NNNN_name.down.sql, or list it under migrations.exclude',
  },
  'files/duplicate-version': {
    severity: 'error',
    why: 'two migrations of one version: which one runs depends on chance',
    fix: 'give the later one the next free version',
  },
  'files/empty-up': {
    severity: 'error',
    why: 'an up script without a statement changes nothing',
    fix: 'write the migration, or delete its files',
  },
  'files/version-gap': {
    severity: 'info',
    why: 'a missing number may be a migration that was lost in a merge',
    fix: 'check that nothing is missing; gaps are allowed',
  },
  'files/edited-after-merge': {
    severity: 'error',
    why: 'databases that ran the old text never see the new one',
    fix: 'restore the file and write a new migration',
  },
  'files/deleted-after-merge': {
    severity: 'error',
    why: 'databases that ran it keep what it made; a fresh one never gets it',
    fix: 'restore the file and write a new migration that undoes it',
  },
  'files/renamed-after-merge': {
    severity: 'error',
    why: 'the history knows the migration by its old name',
    fix: 'restore the name',
  },
  'files/inserted-before-base-head': {
    severity: 'error',
    why: 'databases that are past this version skip it or run it out of order',
    fix: 'give it a version above the newest one of the base',
  },
  'files/down-edited-after-merge': {
    severity: 'info',
    why: 'only the down script changed: databases that ran the migration keep the old one in their history',
    fix: 'nothing to do if that is meant',
  },
  'lint/syntax-error': {
    severity: 'error',
    why: 'PostgreSQL cannot parse this script: it fails as soon as it is needed',
    fix: 'correct the statement at the line given',
  },
  'replay/fails': {
    severity: 'error',
    why: 'the migration does not run on a fresh database',
    fix: 'correct the statement at the line given; see the message of PostgreSQL',
  },
  'replay/session-state-leak': {
    severity: 'warning',
    why: 'a setting that stays changed decides how the next migration runs',
    fix: 'use SET LOCAL, or reset it at the end of the script',
  },
  'reversible/down-fails': {
    severity: 'error',
    why: 'the down script stops with an error: the deploy cannot be undone',
    fix: 'correct the statement at the line given; see the message of PostgreSQL',
  },
  'reversible/down-not-inverse': {
    severity: 'error',
    why: 'after up and down the schema is not what it was before',
    fix: 'add the statements that the down script lacks',
  },
  'reversible/down-reorders': {
    severity: 'warning',
    why: 'after up and down only the order of columns or a generated name differs',
    fix: 'harmless for code that names its columns; nothing to do if that is meant',
  },
  'reversible/up-not-repeatable-after-down': {
    severity: 'error',
    why: 'after a rollback the migration cannot be deployed again with the same result',
    fix: 'make the down script remove everything that the up script made',
  },
  'reversible/loses-data': {
    severity: 'error',
    why: 'rows that were there before are not the same after up and down',
    fix: 'keep the data in the down script, or say "-- landfall: irreversible <reason>"',
  },
  'backfill/rejected': {
    severity: 'error',
    why: 'a record of the source does not reach the table',
    fix: 'correct the record, or the schema that refuses it',
  },
  'backfill/differs': {
    severity: 'error',
    why: 'what stands in the table is not what the source says',
    fix: 'see the record and the column named; run the backfill again after a rollback',
  },
  'backfill/not-restored': {
    severity: 'error',
    why: 'after the rollback the tables are not what they were before the run',
    fix: 'look for triggers and other writers on the tables named',
  },
  'backfill/fails': {
    severity: 'error',
    why: 'the job stops with an error: its data cannot be carried over',
    fix: 'see the message; try the job with landfall backfill run --dry-run',
  },
} satisfies Readonly<Record<string, Rule>>

export type RuleId = keyof typeof rules

/** The rule of a slug; a team's own slugs have none. */
export const ruleOf = (id: string): Rule | undefined => (rules as Readonly<Record<string, Rule>>)[id]
