import { defineBackfill, jsonFile } from 'landfall'
import { UserSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/users',
  from: jsonFile('fixtures/systems/aigentflow/data/users.json'),
  schema: UserSchema,
  into: 'users',
  key: ['id'],
  onConflict: 'fail',
  after: ['aigentflow/tenants'],
})
