import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
import { AuditEntrySchema } from '../../../fixtures/systems/design-log/domain.ts'
import { auditEntryRecord } from '../../../fixtures/systems/design-log/records.ts'

export default defineBackfill({
  name: 'design-log/audit-entries',
  from: jsonFile('fixtures/systems/design-log/data/audit-entries.json'),
  schema: auditEntryRecord,
  into: 'audit_entries',
  key: ['id'],
  onConflict: 'fail',
  map(entry) {
    const row = z.encode(AuditEntrySchema, entry)
    return {
      id: row.id,
      actor: row.actor,
      entity: row.entity,
      entity_id: row.entityId,
      action: row.action,
      at: row.at,
      diff: row.diff,
    }
  },
  after: ['design-log/tasks', 'design-log/bugs', 'design-log/status-updates', 'design-log/design-notes'],
})
