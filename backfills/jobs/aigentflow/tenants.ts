import { defineBackfill, jsonFile } from 'landfall'
import { TenantSchema } from '../../../fixtures/systems/aigentflow/schemas.ts'

export default defineBackfill({
  name: 'aigentflow/tenants',
  from: jsonFile('fixtures/systems/aigentflow/data/tenants.json'),
  schema: TenantSchema,
  into: 'tenants',
  key: ['id'],
  onConflict: 'fail',
})
