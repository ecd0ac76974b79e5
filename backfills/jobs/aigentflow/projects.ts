import { defineBackfill, jsonFile } from 'landfall'
import { ProjectSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/projects',
  from: jsonFile('fixtures/systems/aigentflow/data/projects.json'),
  schema: ProjectSchema,
  into: 'projects',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/tenants'],
})
