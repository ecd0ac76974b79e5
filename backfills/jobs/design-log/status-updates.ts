import { defineBackfill, store } from 'landfall'
import { StatusUpdateSchema } from '../../../fixtures/systems/design-log/domain.ts'
import { memoryDesignLog } from '../../../fixtures/systems/design-log/memory/design-log.ts'
import { readSnapshot } from '../../../fixtures/systems/design-log/records.ts'

/** From the store itself, as it stands in memory. Without a map: the columns are named like the properties. */
export default defineBackfill({
  name: 'design-log/status-updates',
  from: store('the design log in memory', async () => {
    const designLog = memoryDesignLog(await readSnapshot())
    return designLog.snapshot().statusUpdates
  }),
  schema: StatusUpdateSchema,
  into: 'status_updates',
  key: ['id'],
  onConflict: 'fail',
  after: ['design-log/tasks'],
})
