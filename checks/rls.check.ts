import { isolationFindings } from './rls/findings.ts'
import { check } from './run.ts'

check('no tenant reads, writes or refers to what is another tenant’s', async ({ system, facts, report, skip }) => {
  if (system.rls === null) skip('the system has no rls')
  const proof = await facts.proof()
  if (!proof.complete) skip('the replay failed')
  for (const finding of isolationFindings((await facts.isolation())!, proof)) report(finding)
})
