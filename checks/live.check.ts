import { liveFinding } from './live-findings.ts'
import { check } from './run.ts'

check('the live database is what its migrations make', async ({ facts, report, skip }) => {
  const { complete, origins } = await facts.proof()
  if (!complete) skip('the replay failed')
  const { differences, expected } = (await facts.live())!
  for (const difference of differences) report(liveFinding(difference, expected, origins))
})
