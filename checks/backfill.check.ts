import { differenceFinding, rejectedFinding } from './backfill-findings.ts'
import { check } from './run.ts'

check('every backfill runs, verifies and rolls back on a copy', async ({ system, facts, report, skip }) => {
  if (system.backfills === null) skip('the system has no backfills')
  if (!(await facts.proof()).complete) skip('the replay failed')
  for (const { name, file, error, rejects, differences, notRestored } of (await facts.rehearsals())!) {
    if (error !== null) {
      report({ rule: 'backfill/fails', message: `${name} stops: ${error.message}`, location: error.location })
    }
    for (const reject of rejects) report(rejectedFinding(name, reject, file))
    for (const difference of differences) report(differenceFinding(name, difference, file))
    for (const table of notRestored) {
      const message = `${name}: ${table} is not what it was before the run`
      report({ rule: 'backfill/not-restored', message, object: table })
    }
  }
})
