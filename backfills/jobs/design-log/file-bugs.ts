import { defineBackfill } from 'landfall'
import { BugSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { inFile, rowOf } from '../../../fixtures/systems/design-log/sqlite/source.ts'

export default defineBackfill({
  name: 'design-log/file-bugs',
  from: inFile('bugs'),
  schema: rowOf(BugSchema),
  into: 'bugs',
  key: ['id'],
  onConflict: 'fail',
  after: ['design-log/file-tasks'],
})
