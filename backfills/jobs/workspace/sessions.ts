import { defineBackfill, jsonFile } from 'landfall'
import { SessionSchema } from '../../../fixtures/systems/workspace/domain.ts'

export default defineBackfill({
  name: 'workspace/sessions',
  from: jsonFile('fixtures/systems/workspace/data/sessions.json'),
  schema: SessionSchema,
  into: 'sessions',
  key: ['id'],
  onConflict: 'fail',
  after: ['workspace/users'],
})
