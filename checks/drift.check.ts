import { check } from './run.ts'

check('the tables are what the TypeScript interfaces say', async ({ system, facts, report, skip }) => {
  if (system.domain === null) skip('the system has no domain')
  if (!(await facts.proof()).complete) skip('the replay failed')
  for (const { rule, message, object, location, other, fix } of (await facts.drift())!.differences) {
    report({ rule, message, object, location, other, fix })
  }
})
