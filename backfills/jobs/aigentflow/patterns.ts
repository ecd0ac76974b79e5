import { defineBackfill, jsonFile } from 'landfall'
import { PatternSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/patterns',
  from: jsonFile('fixtures/systems/aigentflow/data/patterns.json'),
  schema: PatternSchema,
  into: 'patterns',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/tenants'],
})
