import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parityFindings } from './parity/findings.ts'
import { lineOfOperation } from './parity/load.ts'
import { check } from './run.ts'

check('two implementations of one interface answer alike', async ({ system, facts, report, skip }) => {
  if (system.parity === null) skip('the system has no parity')
  if (!(await facts.proof()).complete) skip('the replay failed')
  for (const fact of (await facts.parity())!) {
    const text = await readFile(resolve(system.root, fact.file), 'utf8')
    for (const finding of parityFindings(fact, system.name, (operation) => lineOfOperation(text, operation)))
      report(finding)
  }
})
