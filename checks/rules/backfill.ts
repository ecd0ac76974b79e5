import type { Rule } from './rule.ts'

/** Data that is carried over: `backfill/…`. */
export const backfillRules = {
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
