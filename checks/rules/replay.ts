import type { Rule } from './rule.ts'

/** Migrations that run: `replay/…`, `reversible/…`. */
export const replayRules = {
  'replay/fails': {
    severity: 'error',
    why: 'the migration does not run on a fresh database',
    fix: 'correct the statement at the line given; see the message of PostgreSQL',
  },
  'replay/fails-on-base': {
    severity: 'error',
    why: 'the base has gained migrations that the branch lacks: after the merge this one stops on every database of the base',
    fix: 'merge the base into the branch, and write the migration for what is there then',
  },
  'replay/needs-empty-tables': {
    severity: 'error',
    why: 'the migration runs on empty tables and stops on rows that were allowed before it: a deploy has rows',
    fix: 'give the column a default, or make the rows fit in the migration first: fill, deduplicate, shorten',
  },
  'replay/session-state-leak': {
    severity: 'warning',
    why: 'a setting that stays changed decides how the next migration runs',
    fix: 'use SET LOCAL, or reset it at the end of the script',
  },
  'replay/non-deterministic-schema': {
    severity: 'error',
    why: 'two replays of the same files make different schemas: no database is like the next one',
    fix: 'write names and values into the script; now(), random() and generated names differ every time',
  },
  'replay/invalid-index-left': {
    severity: 'error',
    why: 'an invalid index is written to and never read; the next attempt finds its name taken',
    fix: 'drop the index concurrently and build it again',
  },
  'reversible/unknown-object-kind': {
    severity: 'warning',
    why: 'the catalog reader does not know this kind of object: nothing is proven about it',
    fix: 'look at the down script by hand',
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
} satisfies Readonly<Record<string, Rule>>
