import { randomUUID } from 'node:crypto'
import { defineBackfill, store } from 'landfall'
import { memoryMissionControl } from '../../../fixtures/systems/mission-control/memory/mission-control.ts'
import { readSnapshot } from '../../../fixtures/systems/mission-control/records.ts'
import { AgentSchema } from '../../../fixtures/systems/mission-control/schemas.ts'

/** From the mock store itself, as it stands in memory. */
export default defineBackfill({
  name: 'mission-control/agents',
  from: store('the mock store', async () => {
    const control = memoryMissionControl({ now: () => new Date(), newId: randomUUID }, await readSnapshot())
    return control.snapshot().agents
  }),
  schema: AgentSchema,
  into: 'agents',
  onConflict: 'fail',
  after: ['mission-control/missions'],
})
