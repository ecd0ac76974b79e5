import { rehearsalFindings } from './backfill-findings.ts'
import { check } from './run.ts'

check('every backfill runs, verifies and rolls back on a copy', async ({ system, facts, report, skip }) => {
  if (system.backfills === null) skip('the system has no backfills')
  if (!(await facts.proof()).complete) skip('the replay failed')
  for (const rehearsal of (await facts.rehearsals())!)
    for (const finding of rehearsalFindings(rehearsal)) report(finding)
})
