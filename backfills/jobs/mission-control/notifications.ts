import { defineBackfill, jsonFile } from 'landfall'
import { NotificationSchema } from '../../../fixtures/systems/mission-control/schemas.ts'

export default defineBackfill({
  name: 'mission-control/notifications',
  from: jsonFile('fixtures/systems/mission-control/data/notifications.json'),
  schema: NotificationSchema,
  into: 'notifications',
  onConflict: 'fail',
  after: ['mission-control/missions'],
})
