import { defineBackfill, jsonFile } from 'landfall'
import { UserSchema } from '../../../fixtures/systems/workspace/domain.ts'

export default defineBackfill({
  name: 'workspace/users',
  from: jsonFile('fixtures/systems/workspace/data/users.json'),
  schema: UserSchema,
  into: 'users',
  key: ['id'],
  onConflict: 'fail',
})
