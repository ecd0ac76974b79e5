import { defineBackfill, jsonFile } from 'landfall'
import { AuditLogSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/audit-logs',
  from: jsonFile('fixtures/systems/aigentflow/data/audit-logs.json'),
  schema: AuditLogSchema,
  into: 'audit_logs',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/users'],
})
