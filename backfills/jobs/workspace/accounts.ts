import { defineBackfill, jsonFile } from 'landfall'
import { AccountSchema } from '../../../fixtures/systems/workspace/domain.ts'

export default defineBackfill({
  name: 'workspace/accounts',
  from: jsonFile('fixtures/systems/workspace/data/accounts.json'),
  schema: AccountSchema,
  into: 'accounts',
  key: ['id'],
  onConflict: 'fail',
  after: ['workspace/users'],
})
