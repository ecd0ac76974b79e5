import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
import { TaskSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { taskRecord } from '../../../fixtures/systems/design-log/records.ts'

export default defineBackfill({
  name: 'design-log/tasks',
  from: jsonFile('fixtures/systems/design-log/data/tasks.json'),
  schema: taskRecord,
  into: 'tasks',
  key: ['id'],
  onConflict: 'fail',
  map(task) {
    const row = z.encode(TaskSchema, task)
    return {
      id: row.id,
      title: row.title,
      status: row.status,
      version: row.version,
      priority: row.priority,
      rationale_log: row.rationaleLog,
      assignees: row.assignees,
      created_at: row.createdAt,
    }
  },
})
