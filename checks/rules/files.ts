import type { Rule } from './rule.ts'

/** Files and what is written in them, without a database: `files/…`, `lint/…`. */
export const filesRules = {
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
    fix: 'name it as the other migrations are named (NNNN_name.up.sql), or list it under migrations.exclude',
  },
  'files/skipped-file': {
    severity: 'warning',
    why: 'what the file does is missing from the replay, and from the proof of all that builds on it',
    fix: 'say in SQL what it does, run it by the prelude, or list it under migrations.exclude',
  },
  'files/other-dialect': {
    severity: 'info',
    why: 'these files are for another database, so PostgreSQL never runs them',
    fix: 'nothing to do if that is meant',
  },
  'files/no-section': {
    severity: 'error',
    why: 'without the line that opens its up section the file is no migration to the tool it is written for',
    fix: 'write the opening line, or list the file under migrations.exclude',
  },
  'files/outside-section': {
    severity: 'error',
    why: 'a statement that belongs to neither direction never runs',
    fix: 'move it below the line that opens the up or the down section',
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
  'files/sum-stale': {
    severity: 'error',
    why: 'a migration was edited, added or removed, and landfall.sum does not know of it',
    fix: 'look at what changed; when it is meant, run landfall migrate sum and commit the file',
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
  'files/same-object-on-both-branches': {
    severity: 'warning',
    why: 'two branches change the same object without knowing of each other: together they may do what neither meant',
    fix: 'merge the base into the branch, and look at both migrations side by side',
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
  'lint/concurrently-in-transaction': {
    severity: 'error',
    why: 'PostgreSQL refuses the statement inside a transaction, and nothing says that the script runs outside one',
    fix: 'say "-- landfall: no-transaction" in the first lines of the script, and keep the statement alone in it',
  },
  'lint/ignore-without-reason': {
    severity: 'error',
    why: 'an ignore without a reason is in nobody’s memory a year later: it is not in force',
    fix: 'write -- landfall-ignore <rule>: <reason> above the statement',
  },
  'lint/unused-ignore': {
    severity: 'warning',
    why: 'an ignore that ignores nothing hides the next finding of its rule',
    fix: 'remove it',
  },
} satisfies Readonly<Record<string, Rule>>
