import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
import { BugSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { bugRecord } from '../../../fixtures/systems/design-log/records.ts'

export default defineBackfill({
  name: 'design-log/bugs',
  from: jsonFile('fixtures/systems/design-log/data/bugs.json'),
  schema: bugRecord,
  into: 'bugs',
  key: ['id'],
  onConflict: 'fail',
  map(bug) {
    const row = z.encode(BugSchema, bug)
    return {
      id: row.id,
      title: row.title,
      severity: row.severity,
      task_id: row.taskId,
      repro_steps: row.reproSteps,
      proposed_fix: row.proposedFix,
      version: row.version,
      created_at: row.createdAt,
    }
  },
  after: ['design-log/tasks'],
})
