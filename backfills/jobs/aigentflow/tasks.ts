import { defineBackfill, jsonFile } from 'landfall'
import { TaskSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/tasks',
  from: jsonFile('fixtures/systems/aigentflow/data/tasks.json'),
  schema: TaskSchema,
  into: 'tasks',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/projects', 'aigentflow/users'],
})
