import { identityOf } from './drift/difference.ts'
import { check } from './run.ts'

check('the tables are what the TypeScript interfaces say', async ({ system, facts, report, skip }) => {
  if (system.domain === null) skip('the system has no domain')
  if (!(await facts.proof()).complete) skip('the replay failed')
  for (const difference of (await facts.drift())!.differences) {
    const { rule, message, object, location, other, fix } = difference
    report({ rule, message, object, location, other, fix, identity: identityOf(difference) })
  }
})
