import { defineBackfill } from 'landfall'
import { StatusUpdateSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { inFile, rowOf } from '../../../fixtures/systems/design-log/sqlite/source.ts'

export default defineBackfill({
  name: 'design-log/file-status-updates',
  from: inFile('status_updates'),
  schema: rowOf(StatusUpdateSchema),
  into: 'status_updates',
  key: ['id'],
  onConflict: 'fail',
  after: ['design-log/file-tasks'],
})
