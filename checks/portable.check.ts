import { portableFindings } from './portable/findings.ts'
import { check } from './run.ts'

check(
  'the same files make the same tables on SQLite and on PostgreSQL, and take them back',
  async ({ system, facts, report, skip }) => {
    if (!system.portable) skip('the system does not ask for it: portable')
    const { origins } = await facts.proof()
    for (const finding of portableFindings((await facts.portability())!, origins)) report(finding)
  },
)
