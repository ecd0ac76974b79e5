import { defineBackfill, jsonFile } from 'landfall'
import { ApprovalSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/approvals',
  from: jsonFile('fixtures/systems/aigentflow/data/approvals.json'),
  schema: ApprovalSchema,
  into: 'approvals',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/tasks'],
})
