import type { Rule } from './rule.ts'

/** Two implementations of one interface: `parity/…`. */
export const parityRules = {
  'parity/differs': {
    severity: 'error',
    why: 'callers meet another behaviour when one implementation takes the place of the other',
    fix: 'decide which of the two is right by the sequence shown, and correct the other',
  },
  'parity/untyped-error': {
    severity: 'error',
    why: 'by an error of the driver or of the program no caller can tell what was refused',
    fix: 'throw one of the errors of the interface in its place, from both implementations',
  },
  'parity/no-answer': {
    severity: 'error',
    why: 'a call that never ends holds its caller, and its connection',
    fix: 'look for a transaction that waits for another connection of the same pool, and for locks',
  },
  'parity/never-succeeds': {
    severity: 'warning',
    why: 'an operation that is only ever refused is hardly compared',
    fix: 'let its generators name what is there: earlier(operation, property)',
  },
} satisfies Readonly<Record<string, Rule>>
