import { check } from './run.ts'

check('code before and after the branch bears the schema of the other', async ({ facts, report, skip }) => {
  const compat = await facts.compat()
  if ('skipped' in compat) skip(compat.skipped)
  else
    for (const { rule, message, object, type, property, migration, code } of compat.differences) {
      report({ rule, message, object, location: migration, other: code, identity: [type, property ?? ''] })
    }
})
