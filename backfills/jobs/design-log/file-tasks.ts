import { defineBackfill } from 'landfall'
import { TaskSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { inFile, rowOf } from '../../../fixtures/systems/design-log/sqlite/source.ts'

export default defineBackfill({
  name: 'design-log/file-tasks',
  from: inFile('tasks'),
  schema: rowOf(TaskSchema),
  into: 'tasks',
  key: ['id'],
  onConflict: 'fail',
})
