import { randomUUID } from 'node:crypto'
import { defineBackfill, store } from 'landfall'
import { AgentStateSchema } from '../../../fixtures/systems/workspace/domain.ts'
import { memoryWorkspace } from '../../../fixtures/systems/workspace/memory/workspace.ts'
import { readSnapshot } from '../../../fixtures/systems/workspace/records.ts'

/** From the store itself, as it stands in memory. */
export default defineBackfill({
  name: 'workspace/agent-states',
  from: store('the workspace in memory', async () => {
    const workspace = memoryWorkspace({ now: () => new Date(), newId: randomUUID }, await readSnapshot())
    return workspace.snapshot().agentStates
  }),
  schema: AgentStateSchema,
  into: 'agent_states',
  key: ['id'],
  onConflict: 'fail',
  after: ['workspace/projects'],
})
