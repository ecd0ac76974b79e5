import { defineBackfill } from 'landfall'
import { AuditEntrySchema } from '../../../fixtures/systems/design-log/domain.ts'
import { inFile, rowOf } from '../../../fixtures/systems/design-log/sqlite/source.ts'

export default defineBackfill({
  name: 'design-log/file-audit-entries',
  from: inFile('audit_entries'),
  schema: rowOf(AuditEntrySchema),
  into: 'audit_entries',
  key: ['id'],
  onConflict: 'fail',
  after: [
    'design-log/file-tasks',
    'design-log/file-bugs',
    'design-log/file-status-updates',
    'design-log/file-design-notes',
  ],
})
