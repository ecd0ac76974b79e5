import { defineBackfill, jsonFile } from 'landfall'
import { LessonSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/lessons',
  from: jsonFile('fixtures/systems/aigentflow/data/lessons.json'),
  schema: LessonSchema,
  into: 'lessons',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/tasks'],
})
