import type { Rule } from './rule.ts'

/** The same files on SQLite and on PostgreSQL: `portable/…`. */
export const portableRules = {
  'portable/vendor-type': {
    severity: 'error',
    why: 'SQLite takes the name of any type, and keeps what it likes: the column is another one there',
    fix: 'use text, integer, bigint or double precision; JSON and ids as text, times as milliseconds in a bigint',
  },
  'portable/type-differs': {
    severity: 'warning',
    why: 'both databases know the type, and do not keep or give back the same',
    fix: 'use text, integer, bigint or double precision, with a check for what the type promised',
  },
  'portable/narrow-integer': {
    severity: 'warning',
    why: 'an integer holds 64 bits in SQLite and 32 in PostgreSQL: a time in milliseconds does not fit',
    fix: 'write bigint',
  },
  'portable/partial-index': {
    severity: 'error',
    why: 'which queries a partial index answers is decided in other ways, and its uniqueness is that of some rows alone',
    fix: 'index all rows, with the column of the condition first',
  },
  'portable/vendor-index': {
    severity: 'error',
    why: 'SQLite builds b-trees over columns, in a transaction',
    fix: 'write a plain create index',
  },
  'portable/vendor-statement': {
    severity: 'error',
    why: 'SQLite has no such statement',
    fix: 'say it with create table, create index, add column, drop column or rename; or leave it to the application',
  },
  'portable/vendor-clause': {
    severity: 'error',
    why: 'SQLite has no such clause',
    fix: 'leave it out',
  },
  'portable/vendor-expression': {
    severity: 'error',
    why: 'SQLite lacks the function or operator, or means something else by it',
    fix: 'use what both have: comparisons, case, coalesce, cast, lower, upper, length, substr; or give the value from the application',
  },
  'portable/fails-on-sqlite': {
    severity: 'error',
    why: 'the migrations cannot make the database in SQLite',
    fix: 'write the statement as both databases read it',
  },
  'portable/down-fails-on-sqlite': {
    severity: 'error',
    why: 'there is no way back in SQLite',
    fix: 'undo in the down script, in the opposite order, what the up script does',
  },
  'portable/down-not-inverse-on-sqlite': {
    severity: 'error',
    why: 'going back does not lead to where SQLite was before',
    fix: 'undo in the down script, in the opposite order, what the up script does',
  },
  'portable/differs': {
    severity: 'error',
    why: 'the same files made different tables: what one database refuses, the other keeps',
    fix: 'say in the migration what one of them assumes: not null beside primary key, the columns that are referred to',
  },
} satisfies Readonly<Record<string, Rule>>
